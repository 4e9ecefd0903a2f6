import { type ForecastFacts, type ForecastFit, fitForecast } from '../../models/value/forecast.ts';
import { type PartValue, type ScoreQuestion, scoreParts } from '../../models/value/part-value.ts';
import { type PlainError, plainError } from '../../sql/errors.ts';
import type { ChartDrawing } from './draw-chart.ts';

/** What the pool's threads can do: pure functions of plain values, too slow for the HTTP thread. */
export const tasks = {
  fitForecast: (facts: ForecastFacts): ForecastFit => fitForecast(facts),
  scoreParts: (question: ScoreQuestion): PartValue[] => scoreParts(question),
  /** Vega and DuckDB are loaded by the threads that need them. */
  drawChart: async (drawing: ChartDrawing): Promise<string> => (await import('./draw-chart.ts')).drawChart(drawing),
  arrowToParquet: async (arrow: Uint8Array): Promise<Uint8Array> => (await import('./parquet.ts')).arrowToParquet(arrow),
};
export type Tasks = typeof tasks;

export type TaskAnswer = { value: unknown } | { error: PlainError };

/** Entry of a thread of the pool. Errors cross as values, so that their code survives. */
export default async function runTask({ name, input }: { name: keyof Tasks; input: never }): Promise<TaskAnswer> {
  try {
    return { value: await tasks[name](input) };
  } catch (error) {
    return { error: plainError(error) };
  }
}
