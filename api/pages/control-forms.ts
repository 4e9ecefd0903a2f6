import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SluiceError } from '../../sql/errors.ts';
import type {} from '../auth.ts';
import { knownScope } from '../control-known.ts';
import type { ControlLoop } from '../control-loop.ts';
import { overrideBodySchema } from '../control-schema.ts';
import type { ControlRoom } from '../control-view.ts';
import { overrideWish } from '../override-wish.ts';
import type { Role } from '../roles.ts';
import { explainIssue } from '../validate.ts';
import type { Warehouse } from '../warehouse.ts';
import { languageOf } from './language.ts';
import { toldError } from './told-error.ts';
import type { Typed } from './view/override-form.tsx';
import { makeWords } from './words.ts';

export interface ControlForms {
  control: ControlRoom & Pick<ControlLoop, 'override' | 'lift'>;
  warehouse: Warehouse;
  now: () => Date;
  /** Shows the page again with what was wrong and what was typed. */
  refuse(request: FastifyRequest, reply: FastifyReply, refused: { text: string; typed: Typed }): Promise<FastifyReply>;
}

/** The forms of the control room: they do what the API does and lead back to the page. The guard has checked right and CSRF token. */
export function controlForms(app: FastifyInstance, { control, warehouse, now, refuse }: ControlForms): void {
  const form = { config: { right: 'overrideControl' }, schema: { hide: true } } as const;

  const post = (path: string, work: (typed: Typed, request: FastifyRequest) => Promise<unknown>) =>
    app.post(path, form, async (request, reply) => {
      const typed = typedIn(request.body);
      try {
        await work(typed, request);
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
        reply.status(error.status);
        const language = languageOf(request);
        const { title, detail, mend } = toldError(error, language);
        const text = detail === undefined ? title : makeWords(language, 'UTC').labelled(title, detail);
        return refuse(request, reply, { text: `${text}. ${mend}`, typed });
      }
      return reply.redirect('/control', 303);
    });

  post('/control/overrides', async (typed, request) => {
    const wish = overrideWish(bodyOf(typed), now().getTime());
    await knownScope(wish.scope, { control, warehouse });
    await control.override(wish, request.role as Role); // the guard has let it pass
  });

  post('/control/overrides/:id/lift', async ({ reason = '' }, request) => {
    const checked = overrideBodySchema.shape.reason.safeParse(reason);
    if (!checked.success)
      throw new SluiceError('input_invalid', { detail: 'reason: is too short to tell anybody why', field: 'reason' });
    const { id } = request.params as { id: string };
    await control.lift(id, checked.data, request.role as Role);
  });
}

/** The fields of a form that hold something. */
function typedIn(body: unknown): Typed {
  const fields = Object.entries((body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    fields.flatMap(([name, value]) =>
      name !== '_csrf' && typeof value === 'string' && value.trim() !== '' ? [[name, value.trim()]] : [],
    ),
  );
}

function bodyOf({
  window,
  per_second,
  for_minutes,
  ...rest
}: Typed & Partial<Record<'window' | 'per_second' | 'for_minutes', string>>) {
  const number = (name: string, text: string | undefined) => (text === undefined ? {} : { [name]: Number(text) });
  const body = {
    ...rest,
    ...number('window', window),
    ...number('per_second', per_second),
    ...number('for_minutes', for_minutes),
  };
  const result = overrideBodySchema.safeParse(body, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const { field, message } = issue === undefined ? { field: '', message: 'does not fit' } : explainIssue(issue);
  throw new SluiceError('input_invalid', { detail: `${field}: ${message}`, field });
}
