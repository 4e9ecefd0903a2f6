import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { compiledCheck } from '../ingest/compiled-check.ts';
import { type ErrorCode, SluiceError } from '../sql/errors.ts';

type Issue = z.core.$ZodIssue;

/** The path of an issue as a client would write it: `arms[0].weight`. */
export function fieldOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

/** One issue as field and plain sentence. */
export function explainIssue(issue: Issue): { field: string; message: string } {
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return { field: fieldOf([...issue.path, key]), message: `"${key}" is not known here` };
  }
  const absent = issue.code === 'invalid_type' && issue.input === undefined && issue.message.includes('undefined');
  return { field: fieldOf(issue.path), message: absent ? 'is missing' : issue.message };
}

/** Keys of the input that the schema dropped without a word, most likely misspelt; at any depth. */
export function droppedKey(input: unknown, output: unknown, path: PropertyKey[] = []): PropertyKey[] | null {
  if (typeof input !== 'object' || input === null || typeof output !== 'object' || output === null) return null;
  for (const [key, value] of Object.entries(input)) {
    const step = [...path, Array.isArray(input) ? Number(key) : key];
    if (!Object.hasOwn(output, key)) return step;
    const deeper = droppedKey(value, (output as Record<string, unknown>)[key], step);
    if (deeper !== null) return deeper;
  }
  return null;
}

/**
 * What a schema makes of a value.
 * @throws SluiceError with the first thing wrong, as a sentence that names the field
 */
export function checked<S extends z.ZodType>(schema: S, data: unknown, code: ErrorCode = 'input_invalid'): z.output<S> {
  const result = schema.safeParse(data, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const { field, message } = issue === undefined ? { field: '', message: 'does not fit' } : explainIssue(issue);
  const detail = field === '' ? message : `${field}: ${message}`;
  throw new SluiceError(code, field === '' ? { detail } : { detail, field });
}

/** Checks parameters and bodies with their zod schema; answers the first thing wrong as a coded error that names the field. */
export const checkInput: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const code = httpPart === 'querystring' ? 'query_invalid' : 'input_invalid';
  return (data: unknown) => {
    try {
      const value = checked(schema, data, code);
      const dropped = httpPart === 'body' ? droppedKey(data, value) : null;
      if (dropped === null) return { value };
      const field = fieldOf(dropped);
      return { error: new SluiceError(code, { field, detail: `${field}: is not known here` }) };
    } catch (error) {
      if (error instanceof SluiceError) return { error };
      throw error;
    }
  };
};

/** The same for hot paths, where schemas only check: what a compiled check finds good goes on as it stands. */
export const checkInputQuickly: FastifySchemaCompiler<z.ZodType> = (route) => {
  const isGood = compiledCheck(route.schema, 'refuse');
  const check = checkInput(route);
  return (data: unknown) => (isGood(data) ? { value: data } : check(data));
};
