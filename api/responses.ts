import { z } from 'zod';
import { type ErrorCode, errorCatalogue } from '../sql/errors.ts';
import { problemSchema } from './problem.ts';

/** The responses of an OpenAPI operation, by status. */
type Responses = Record<number, { description: string; content: Record<string, { schema: z.ZodType }> }>;

/** Describes the answers that these errors give; codes of one status stand together. */
export function problems(...codes: ErrorCode[]): Responses {
  const responses: Responses = {};
  for (const code of codes) {
    const { status, title } = errorCatalogue[code];
    const description = [responses[status]?.description, `${title} (${code})`].filter((text) => text !== undefined).join('; ');
    responses[status] = { description, content: { 'application/problem+json': { schema: problemSchema } } };
  }
  return responses;
}

/** Describes a good answer that is not JSON. */
export function fileResponse(description: string, ...mediaTypes: string[]): Responses[number] {
  return { description, content: Object.fromEntries(mediaTypes.map((type) => [type, { schema: z.string() }])) };
}
