import type { FastifyInstance } from 'fastify';

export interface RouteEntry {
  method: string;
  /** The pattern, e.g. /v1/campaigns/:id */
  url: string;
  right: string;
}

/** Remembers every route registered from now on: to tell "no such address" from "no such method", and for tests of rights. */
export function routeBook(app: FastifyInstance): { entries: RouteEntry[]; methodsFor(url: string): string[] } {
  const entries: RouteEntry[] = [];
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
    entries,
    methodsFor: (url) => {
      const path = url.split('?')[0] ?? '';
      return [...new Set(entries.filter((entry) => matches(entry.url, path)).map((entry) => entry.method))];
    },
  };
}
