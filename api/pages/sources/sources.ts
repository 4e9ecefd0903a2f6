import type { SourceName } from '../dashboard.ts';
import { brakeHistory } from './brake-history.tsx';
import { campaignReturns } from './campaign-returns.tsx';
import { catalogue } from './catalogue.tsx';
import { cohortValue } from './cohort-value.tsx';
import { customerForecast } from './customer-forecast.tsx';
import { freshness } from './freshness.tsx';
import { whereSufficient } from './insufficient.tsx';
import { lineage } from './lineage.tsx';
import { modelRuns } from './model-runs.tsx';
import { quarantine } from './quarantine.tsx';
import { segmentLift } from './segment-lift.tsx';
import type { Source } from './source.ts';
import { unanswered } from './unanswered.tsx';

export type { SourceAsk, SourceView } from './source.ts';

/** What fills the panels of `chart: source`, by name. */
export const sources: Readonly<Record<SourceName, Source>> = {
  brake_history: brakeHistory,
  campaign_returns: campaignReturns,
  catalogue,
  cohort_value: whereSufficient(cohortValue),
  customer_forecast: whereSufficient(customerForecast),
  freshness,
  lineage,
  model_runs: modelRuns,
  quarantine,
  segment_lift: segmentLift,
  unanswered,
};
