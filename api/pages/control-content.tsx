import type { ComponentChildren } from 'preact';
import type { ControlAnswer, DecisionAnswer } from '../control-schema.ts';
import { type ControlRoom, controlAnswer, decisionAnswer } from '../control-view.ts';
import type { CampaignSummary, Warehouse } from '../warehouse.ts';
import { type ScopeLabel, scopeLabels } from './scope-label.ts';
import { DetectorTable } from './view/detector-table.tsx';
import { OverrideForm, type Typed } from './view/override-form.tsx';
import { OverrideList } from './view/override-list.tsx';
import { ScopeName, ScopeTable } from './view/scope-table.tsx';
import { ShareBar } from './view/share-bar.tsx';
import { Scroll } from './view/table.tsx';
import type { Words } from './words.ts';

export interface ControlAsk {
  control: ControlRoom;
  warehouse: Pick<Warehouse, 'campaigns' | 'decisions'>;
  words: Words;
  now: Date;
  /** The CSRF token of whoever may override; null for those who may only look. */
  csrf: string | null;
  /** What was wrong with a form, and what was typed into it. */
  refused?: { text: string; typed: Typed };
}

/** Decisions that the page tells. */
const shown = 20;
/** Places that an alarm names. */
const mostPlaces = 4;

/** The control room: what needs a look, every scope, what was decided, what was set by hand. A warehouse that is busy takes only the trail. */
export async function controlContent({ control, warehouse, words, now, csrf, refused }: ControlAsk) {
  const { language, t } = words;
  const [campaigns, trail] = await Promise.all([
    warehouse.campaigns().catch((): CampaignSummary[] => []),
    warehouse
      .decisions({ scopes: null, changes: true, limit: shown, before_seq: null })
      .then((found) => found.map((decision) => decisionAnswer(decision, language)))
      .catch(() => null),
  ]);
  const answer = controlAnswer(control, language, now.getTime());
  const label = scopeLabels(campaigns, words);
  const scopes = [
    ...new Set([
      ...answer.scopes.map(({ scope }) => scope),
      ...campaigns.map(({ campaign_id }) => `campaign:${encodeURIComponent(campaign_id)}`),
    ]),
  ];
  return (
    <>
      {refused === undefined ? null : (
        <p class="problem" role="alert">
          <strong>{t('control.form.refused')}.</strong> {refused.text}
        </p>
      )}
      <Health controller={answer.controller} words={words} />
      <Alarms alarms={answer.alarms} label={label} words={words} />
      <Panel id="scopes" title={t('control.scopes')} note={t('control.scopes.note')}>
        <ScopeTable scopes={answer.scopes} label={label} words={words} />
      </Panel>
      <OverrideList overrides={answer.overrides} label={label} words={words} csrf={csrf} />
      {csrf === null ? (
        <p class="quiet">{t('control.form.nobody')}</p>
      ) : (
        <OverrideForm words={words} csrf={csrf} scopes={scopes} typed={refused?.typed ?? {}} />
      )}
      <Panel id="decisions" title={t('control.decisions')} note={t('control.decisions.note')}>
        <Decisions decisions={trail} label={label} words={words} />
      </Panel>
      <DetectorTable scopes={answer.scopes} label={label} words={words} />
      {answer.ledgers.length === 0 ? null : (
        <Panel id="ledger" title={t('control.ledger')} note={t('control.ledger.note')}>
          <Ledgers ledgers={answer.ledgers} words={words} />
        </Panel>
      )}
    </>
  );
}

function Panel({ id, title, note, children }: { id: string; title: string; note: string; children: ComponentChildren }) {
  return (
    <section class="panel" aria-labelledby={`panel-${id}`} data-key={id}>
      <h2 id={`panel-${id}`}>{title}</h2>
      <p class="quiet">{note}</p>
      {children}
    </section>
  );
}

function Health({ controller, words }: { controller: ControlAnswer['controller']; words: Words }) {
  const { t } = words;
  const { state, snapshot_at } = controller;
  return (
    <div class="freshness">
      <p>{snapshot_at === null ? t('control.lead') : t('control.health', { time: words.dateTime(snapshot_at) })}</p>
      {controller.mode === 'shadow' ? <p class="problem">{t('control.shadow')}</p> : null}
      {state === 'running' ? null : (
        <p class="problem" role="alert">
          {t(`control.health.${state}`)}
        </p>
      )}
    </div>
  );
}

interface Labelled {
  label: (scope: string) => ScopeLabel;
  words: Words;
}

function Alarms({ alarms, label, words }: Labelled & { alarms: ControlAnswer['alarms'] }) {
  if (alarms.length === 0) return null;
  return (
    <section class="panel alarms" aria-labelledby="panel-alarms" data-key="alarms">
      <h2 id="panel-alarms">{words.t('control.alarms')}</h2>
      <ul>
        {alarms.map(({ code, scopes, sentence }) => (
          <li key={`${code} ${scopes[0]}`} data-key={`${code} ${scopes[0]}`}>
            <span aria-hidden="true">▲ </span>
            {sentence}
            <span class="note">
              {words.labelled(words.t('control.alarms.where'), words.list(placesOf(scopes, label, words)))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The first places by name; an alarm about everything need not list everything. */
function placesOf(scopes: readonly string[], label: Labelled['label'], { t, count }: Words): string[] {
  const named = scopes.slice(0, mostPlaces).map((scope) => `${label(scope).label} (${label(scope).kind})`);
  return scopes.length > mostPlaces ? [...named, t('control.alarms.more', { n: count(scopes.length - mostPlaces) })] : named;
}

function Decisions({ decisions, label, words }: Labelled & { decisions: DecisionAnswer[] | null }) {
  const { t } = words;
  const title = t('control.decisions');
  if (decisions === null) return <p class="problem">{t('control.decisions.failed')}</p>;
  if (decisions.length === 0) return <p class="quiet">{t('control.decisions.none')}</p>;
  return (
    <Scroll title={title} words={words}>
      <table class="decisions">
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{t('control.decision.at')}</th>
            <th scope="col">{t('control.scope')}</th>
            <th scope="col" class="number">
              {t('control.decision.limit')}
            </th>
            <th scope="col">{t('control.why')}</th>
          </tr>
        </thead>
        <tbody>
          {decisions.map(({ decision_id, at, scope, limit, reason, owner }) => (
            <tr key={decision_id} data-key={decision_id}>
              <td class="when">
                <time dateTime={at}>{words.dateTime(at)}</time>
              </td>
              <th scope="row">
                <ScopeName {...label(scope)} />
              </th>
              <td class="number">{limit === null ? t('control.decision.unbound') : words.count(limit)}</td>
              <td class="why">
                {reason.sentence}
                {owner === 'controller' ? null : <span class="note">{t('control.by', { owner })}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Ledgers({ ledgers, words }: { ledgers: ControlAnswer['ledgers']; words: Words }) {
  const { t } = words;
  const title = t('control.ledger');
  return (
    <Scroll title={title} words={words}>
      <table>
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{t('control.ledger.portfolio')}</th>
            <th scope="col" class="number">
              {t('control.ledger.people')}
            </th>
            <th scope="col" class="number">
              {t('control.ledger.limit')}
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {ledgers.map(({ portfolio_id, people, limit }) => (
            <tr key={portfolio_id ?? ''} data-key={portfolio_id ?? ''}>
              <th scope="row">{portfolio_id ?? t('control.ledger.unknown')}</th>
              <td class="number">{words.count(people)}</td>
              <td class="number">{limit === null ? t('control.ledger.unlimited') : words.count(limit)}</td>
              <td class="bar">{limit === null ? null : <ShareBar share={people / limit} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
