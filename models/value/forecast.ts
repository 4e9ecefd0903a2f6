import { type BackTest, backTest } from './back-test.ts';
import { type DropoutFit, fitDropout } from './dropout-fit.ts';
import type { DropoutModel } from './dropout-model.ts';
import { fitSpend, type SpendFit } from './gamma-gamma.ts';
import { type HistoryColumns, purchaseGroups, type SpendColumns, units } from './history-columns.ts';
import { refuseThinData, refuseUnfit, spendDoubts } from './sufficiency.ts';

/** What a forecast is fitted on: everything up to a day, and the same cut off earlier, with what came in between. */
export interface ForecastFacts {
  model: DropoutModel;
  whole: { histories: HistoryColumns; spend: SpendColumns };
  earlier: { histories: HistoryColumns; spend: SpendColumns; holdoutDays: number };
}

/** A fitted forecast, with what it would have said before. */
export interface ForecastFit {
  model: DropoutModel;
  process: DropoutFit;
  /** Null where the value of purchases cannot be forecast; `doubts` says why. */
  spend: SpendFit | null;
  /** Correlation of frequency and mean value among those who came back; the spend model takes it for 0. */
  frequency_value_correlation: number | null;
  back_test: BackTest;
  doubts: string[];
}

/**
 * Fits a forecast and tests it on the past.
 * @throws SluiceError `value_data_insufficient` or `value_model_unfit`: too little data, or a process that these models do not describe
 */
export function fitForecast({ model, whole, earlier }: ForecastFacts): ForecastFit {
  refuseThinData(whole.histories);
  const fitted = (histories: HistoryColumns) => refuseUnfit(fitDropout(model, purchaseGroups(histories)));
  const process = fitted(whole.histories);
  const spend = fitSpend(spendGroups(whole.spend));
  const past = { process: fitted(earlier.histories), spend: fitSpend(spendGroups(earlier.spend)) };
  const correlation = frequencyValueCorrelation(whole.spend);
  const doubts = spendDoubts(spend, correlation);
  return {
    model,
    process,
    spend: spend.converged && spend.population_mean !== null ? spend : null,
    frequency_value_correlation: correlation,
    back_test: backTest(model, past.process.params, past.spend.converged ? past.spend.params : null, earlier),
    doubts,
  };
}

function spendGroups({ frequency, repeatMicros, customers }: SpendColumns) {
  return { frequency, spend: Float64Array.from(repeatMicros, units), customers };
}

/** Pearson's correlation of frequency and mean value, weighted by customers; null where one of them does not vary. */
function frequencyValueCorrelation({ frequency, repeatMicros, customers }: SpendColumns): number | null {
  let [n, meanX, meanY, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < frequency.length; i += 1) {
    const [x, w] = [frequency[i] ?? 0, customers[i] ?? 0];
    const y = units(repeatMicros[i] ?? 0n) / x;
    n += w;
    const [dx, dy] = [x - meanX, y - meanY];
    meanX += (w * dx) / n;
    meanY += (w * dy) / n;
    xx += w * dx * (x - meanX);
    yy += w * dy * (y - meanY);
    xy += w * dx * (y - meanY);
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null;
}
