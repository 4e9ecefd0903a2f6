import { SluiceError } from '../../../sql/errors.ts';
import type { Source } from './source.ts';

/** Says in the reader's language that there is too little data yet, where a source refuses for that reason: no error, but a state. */
export function whereSufficient(source: Source): Source {
  return async (ask) => {
    try {
      return await source(ask);
    } catch (error) {
      const known =
        error instanceof SluiceError && (error.code === 'value_data_insufficient' || error.code === 'value_model_unfit');
      if (!known) throw error;
      return { view: <p class="quiet">{ask.words.t('value.insufficient')}</p> };
    }
  };
}
