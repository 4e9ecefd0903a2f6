import type { OverrideView } from '../../control-schema.ts';
import type { ScopeLabel } from '../scope-label.ts';
import type { Words } from '../words.ts';
import { ScopeName } from './scope-table.tsx';
import { Scroll } from './table.tsx';

interface Props {
  overrides: readonly OverrideView[];
  label: (scope: string) => ScopeLabel;
  words: Words;
  /** The CSRF token of whoever may lift them; null for those who may not. */
  csrf: string | null;
}

/** What operators set, with a way to take it back. */
export function OverrideList({ overrides, label, words, csrf }: Props) {
  const { t } = words;
  const title = t('control.overrides');
  return (
    <section class="panel" aria-labelledby="panel-overrides" data-key="overrides">
      <h2 id="panel-overrides">{title}</h2>
      {overrides.length === 0 ? (
        <p class="quiet">{t('control.overrides.none')}</p>
      ) : (
        <Scroll title={title} words={words}>
          <table>
            <caption class="unseen">{title}</caption>
            <thead>
              <tr>
                <th scope="col">{t('control.scope')}</th>
                <th scope="col">{t('control.override.action')}</th>
                <th scope="col">{t('control.override.who')}</th>
                {csrf === null ? null : <th scope="col">{t('control.override.lift')}</th>}
              </tr>
            </thead>
            <tbody>
              {overrides.map((override) => (
                <tr key={override.override_id} data-key={override.override_id}>
                  <th scope="row">
                    <ScopeName {...label(override.scope)} />
                  </th>
                  <td>
                    <What override={override} words={words} />
                  </td>
                  <td>
                    {override.reason}
                    <span class="note">
                      {t('control.by', { owner: override.actor })} · {words.dateTime(override.at)}
                    </span>
                  </td>
                  {csrf === null ? null : (
                    <td>
                      <form method="post" action={`/control/overrides/${override.override_id}/lift`} class="lift">
                        <input type="hidden" name="_csrf" value={csrf} />
                        <input
                          name="reason"
                          required
                          minLength={3}
                          maxLength={500}
                          placeholder={t('control.form.reason')}
                          aria-label={t('control.override.lift.reason', {
                            action: t(`control.override.${override.action}`),
                            scope: label(override.scope).label,
                          })}
                        />
                        <button type="submit">{t('control.override.lift')}</button>
                      </form>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}

function What({ override, words }: { override: OverrideView; words: Words }) {
  const { t } = words;
  const bounds = [
    override.window === null ? null : words.labelled(t('control.decision.limit'), words.count(override.window)),
    override.per_second === null ? null : t('control.window.pace', { pace: words.count(override.per_second) }),
    override.until === null ? t('control.override.forever') : t('control.until', { time: words.dateTime(override.until) }),
  ].filter((part) => part !== null);
  return (
    <>
      {t(`control.override.${override.action}`)}
      <span class="note">{bounds.join(' · ')}</span>
    </>
  );
}
