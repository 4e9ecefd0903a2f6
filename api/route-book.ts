import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route, with the right it asks for. */
    routes: readonly RouteEntry[];
  }
}

export interface RouteEntry {
  method: string;
  /** The pattern, e.g. /v1/campaigns/:id */
  url: string;
  right: string;
}

/** Remembers every route registered from now on: to tell "no such address" from "no such method", and for tests of rights. */
export function routeBook(app: FastifyInstance): { methodsFor(url: string): string[] } {
  const entries: RouteEntry[] = [];
  app.decorate('routes', entries);
  app.addHook('onRoute', ({ method, url, config }) => {
    for (const name of [method].flat()) entries.push({ method: name, url, right: config?.right ?? 'read' });
  });
  const matches = (pattern: string, path: string) => {
    const expression = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/:[A-Za-z_]+/g, '[^/]+')
      .replace(/\*/g, '.*');
    return new RegExp(`^${expression}$`).test(path);
  };
  return {
    methodsFor: (url) => {
      const path = url.split('?')[0] ?? '';
      return [...new Set(entries.filter((entry) => matches(entry.url, path)).map((entry) => entry.method))];
    },
  };
}
