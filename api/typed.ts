import type { FastifyTypeProvider } from 'fastify';
import type { z } from 'zod';

/**
 * Types of what comes in, from a route's zod schemas (`app.withTypeProvider<ZodInput>()`). What goes out is typed where it is
 * made; its schemas describe it in OpenAPI.
 */
export interface ZodInput extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
  serializer: unknown;
}
