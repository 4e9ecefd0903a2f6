import type { Words } from '../words.ts';

/** What was typed, to be shown again when it was refused. */
export type Typed = Readonly<Record<string, string>>;

interface Props {
  words: Words;
  csrf: string;
  scopes: readonly string[];
  typed: Typed;
}

const actions = ['pause', 'resume', 'limit', 'hold'] as const;
const times = ['30', '120', '480', '1440'] as const;

/** Pause, resume, limit or hold a scope. A plain form: it needs no script. */
export function OverrideForm({ words, csrf, scopes, typed }: Props) {
  const { t } = words;
  return (
    <section class="panel" aria-labelledby="panel-override" data-key="override">
      <h2 id="panel-override">{t('control.form')}</h2>
      <p class="quiet">{t('control.form.note')}</p>
      <form method="post" action="/control/overrides" class="override">
        <input type="hidden" name="_csrf" value={csrf} />
        <label>
          {t('control.form.scope')}
          <input
            name="scope"
            list="known-scopes"
            required
            maxLength={1600}
            value={typed['scope'] ?? ''}
            autocomplete="off"
            spellcheck={false}
          />
        </label>
        <datalist id="known-scopes">
          {scopes.map((scope) => (
            <option key={scope} value={scope} />
          ))}
        </datalist>
        <label>
          {t('control.form.action')}
          <select name="action" required>
            {actions.map((action) => (
              <option key={action} value={action} selected={typed['action'] === action || undefined}>
                {t(`control.override.${action}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('control.form.for')}
          <select name="for_minutes">
            <option value="">{t('control.override.forever')}</option>
            {times.map((minutes) => (
              <option key={minutes} value={minutes} selected={typed['for_minutes'] === minutes || undefined}>
                {t(`control.form.for.${minutes}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('control.form.window')}
          <input name="window" type="number" min="0" step="1" value={typed['window'] ?? ''} />
        </label>
        <label>
          {t('control.form.pace')}
          <input name="per_second" type="number" min="0" step="any" value={typed['per_second'] ?? ''} />
        </label>
        <label class="wide">
          {t('control.form.reason')}
          <input name="reason" required minLength={3} maxLength={500} value={typed['reason'] ?? ''} autocomplete="off" />
        </label>
        <button type="submit">{t('control.form.submit')}</button>
      </form>
    </section>
  );
}
