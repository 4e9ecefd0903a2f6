import type { ScopeStateAnswer } from '../../control-schema.ts';
import type { ScopeLabel } from '../scope-label.ts';
import type { Words } from '../words.ts';
import { ShareBar } from './share-bar.tsx';
import { Scroll } from './table.tsx';

interface Props {
  scopes: readonly ScopeStateAnswer[];
  label: (scope: string) => ScopeLabel;
  words: Words;
}

/** All detectors of all scopes that have any: what came against what would be healthy, and the evidence against its line. */
export function DetectorTable({ scopes, label, words }: Props) {
  const { t } = words;
  const title = t('control.detectors');
  const watched = scopes.filter(({ evidence }) => (evidence?.detectors.length ?? 0) > 0);
  if (watched.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="panel-detectors" data-key="detectors">
      <h2 id="panel-detectors">{title}</h2>
      <p class="quiet">{t('control.detectors.note')}</p>
      <details class="behind">
        <summary>{t('control.detectors.show')}</summary>
        <Scroll title={title} words={words}>
          <table class="detectors">
            <caption class="unseen">{title}</caption>
            <thead>
              <tr>
                <th scope="col">{t('control.detector')}</th>
                <th scope="col" class="number">
                  {t('control.detector.events')}
                </th>
                <th scope="col" class="number">
                  {t('control.detector.expected')}
                </th>
                <th scope="col" class="number">
                  {t('control.detector.observed')}
                </th>
                <th scope="col">{t('control.detector.sum')}</th>
              </tr>
            </thead>
            {watched.map(({ scope, evidence }) => (
              <tbody key={scope} data-key={scope}>
                <tr class="class">
                  <th scope="rowgroup" colSpan={5}>
                    {label(scope).label} <span class="note">{label(scope).kind}</span>
                  </th>
                </tr>
                {evidence?.detectors.map(({ signal, events, expected, observed, sum, threshold }) => (
                  <tr key={signal} data-key={signal}>
                    <th scope="row">{t(`control.signal.${signal}`)}</th>
                    <td class="number">{words.count(Math.round(events))}</td>
                    <td class="number">{words.count(Math.round(10 * expected) / 10)}</td>
                    <td class="number">{words.count(Math.round(observed))}</td>
                    <td>
                      <span class="figures">
                        {words.count(Math.round(100 * sum) / 100)} / {words.count(Math.round(100 * threshold) / 100)}
                      </span>
                      <ShareBar share={sum / threshold} line />
                    </td>
                  </tr>
                ))}
              </tbody>
            ))}
          </table>
        </Scroll>
      </details>
    </section>
  );
}
