import { readProjectFile } from '../sql/files.ts';

/** The shares of feedback that are expected by now, as a relation for `compileMetricQuery`: worked out anew by each statement. */
export const feedbackShares = `(${readProjectFile('sql/queries/feedback_wide.sql')})`;
