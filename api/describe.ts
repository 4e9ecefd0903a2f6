import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

/** Collects the routes registered after it; call before them. */
export async function collectDescription(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sluice',
        version,
        description:
          'Analytics warehouse for WhatsApp Business campaigns. Errors are application/problem+json with a stable code.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'A token of SLUICE_TOKENS' },
          session: { type: 'apiKey', in: 'cookie', name: 'sluice_session', description: 'A browser that logged in' },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
}

/** `/openapi.json` and the page `/docs`, for whoever holds any token. Everything the page loads comes from here. */
export async function describePlugin(app: FastifyInstance): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, right: 'describe' };
  });
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(JSON.stringify(app.swagger())),
  );
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // Without the bar of another product on top.
    uiConfig: { deepLinking: false, validatorUrl: null, layout: 'BaseLayout' },
    theme: { title: 'Sluice API' },
  });
}
