import { translateIfKnown } from '../../../dashboards/locales/locale.ts';
import type { ScopeStateAnswer } from '../../control-schema.ts';
import type { Words } from '../words.ts';

/** Signs of the states, for those who do not see colours. */
const marks: Record<string, string> = { open: '●', throttled: '◐', paused: '‖', probing: '◔', recovering: '◑', stopped: '■' };

/** Where a scope stands: a sign and a word. */
export function BrakeState({ state, words }: { state: Pick<ScopeStateAnswer, 'state' | 'mode'>; words: Words }) {
  const known = Object.hasOwn(marks, state.state);
  return (
    <span class={`brake ${known ? state.state : 'other'}`}>
      <span aria-hidden="true">{marks[state.state] ?? '▲'} </span>
      {translateIfKnown(words.language, `control.state.${state.state}`) ?? state.state}
      {state.mode === 'shadow' ? <span class="tag">{words.t('control.shadow.short')}</span> : null}
    </span>
  );
}
