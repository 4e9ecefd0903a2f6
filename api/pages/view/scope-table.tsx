import type { DetectorAnswer, ScopeStateAnswer } from '../../control-schema.ts';
import type { ScopeLabel } from '../scope-label.ts';
import type { Words } from '../words.ts';
import { BrakeState } from './brake-state.tsx';
import { MemberName } from './member-name.tsx';
import { ShareBar } from './share-bar.tsx';
import { Scroll } from './table.tsx';

interface Props {
  scopes: readonly ScopeStateAnswer[];
  label: (scope: string) => ScopeLabel;
  words: Words;
}

/** Open scopes that are listed at once, campaigns apart; where there are more, all of them are folded away. */
const mostCalm = 5;

/** Every scope: where it stands, what is out of what may be, why, and the detector that is nearest to its line. */
export function ScopeTable({ scopes, label, words }: Props) {
  const { t } = words;
  if (scopes.length === 0) return <p class="quiet">{t('control.scopes.none')}</p>;
  const calm = scopes.filter(({ scope, state }) => state === 'open' && !scope.startsWith('campaign:'));
  const folded = calm.length > mostCalm;
  const shown = folded ? scopes.filter((state) => !calm.includes(state)) : scopes;
  const more = t('control.scopes.more', { n: calm.length });
  return (
    <>
      {shown.length === 0 ? null : <Rows title={t('control.scopes')} scopes={shown} label={label} words={words} />}
      {folded ? (
        <details class="behind" open={shown.length === 0 || undefined}>
          <summary>{more}</summary>
          <Rows title={more} scopes={calm} label={label} words={words} />
        </details>
      ) : null}
    </>
  );
}

function Rows({ title, scopes, label, words }: Props & { title: string }) {
  const { t } = words;
  return (
    <Scroll title={title} words={words}>
      <table class="scopes">
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{t('control.scope')}</th>
            <th scope="col">{t('control.state')}</th>
            <th scope="col">{t('control.window')}</th>
            <th scope="col">{t('control.why')}</th>
            <th scope="col">{t('control.nearest')}</th>
          </tr>
        </thead>
        <tbody>
          {scopes.map((state) => (
            <tr key={state.scope} data-key={state.scope}>
              <th scope="row">
                <ScopeName {...label(state.scope)} />
              </th>
              <td>
                <BrakeState state={state} words={words} />
              </td>
              <td>
                <Window state={state} words={words} />
              </td>
              <td class="why">
                {state.reason.sentence}
                <Until state={state} words={words} />
              </td>
              <td>
                <Nearest detectors={state.evidence?.detectors ?? []} words={words} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

export function ScopeName({ label, kind, href }: ScopeLabel) {
  return (
    <>
      <MemberName label={label} href={href} />
      <span class="note">{kind}</span>
    </>
  );
}

function Window({ state, words }: { state: ScopeStateAnswer; words: Words }) {
  const { t } = words;
  const { allowed, used, leased } = state.window;
  const numbers = { used: Math.round(used) };
  return (
    <>
      <span class="figures">
        {allowed === null ? t('control.window.unbound', numbers) : t('control.window.text', { ...numbers, allowed })}
      </span>
      {allowed === null ? null : <ShareBar share={allowed === 0 ? (used + leased > 0 ? 1 : 0) : (used + leased) / allowed} />}
      {leased === 0 ? null : <span class="note">{t('control.window.leased', { leased })}</span>}
      {state.per_second === null ? null : <span class="note">{t('control.window.pace', { pace: state.per_second })}</span>}
    </>
  );
}

function Until({ state, words }: { state: ScopeStateAnswer; words: Words }) {
  const { t } = words;
  if (state.until === null && state.owner === 'controller') return null;
  return (
    <span class="note">
      {state.until === null ? '' : `${t('control.until', { time: words.dateTime(state.until) })} · `}
      {t('control.by', { owner: state.owner === 'controller' ? t('control.owner.controller') : state.owner })}
    </span>
  );
}

function Nearest({ detectors, words }: { detectors: readonly DetectorAnswer[]; words: Words }) {
  const { t } = words;
  const share = ({ sum, threshold }: DetectorAnswer) => sum / threshold;
  const [nearest] = [...detectors].sort((a, b) => share(b) - share(a));
  if (nearest === undefined) return <span aria-hidden="true">—</span>;
  return (
    <>
      <span class="figures">
        {t('control.nearest.text', {
          signal: t(`control.signal.${nearest.signal}`),
          events: Math.round(nearest.events),
          expected: Math.round(10 * nearest.expected) / 10,
        })}
      </span>
      <ShareBar share={share(nearest)} line />
      <span class="note">{t('control.nearest.share', { share: words.percent(share(nearest)) })}</span>
    </>
  );
}
