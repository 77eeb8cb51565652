import { Type } from 'typebox';
import type { App } from '../server.ts';

/** The server listens only once all is ready, so that any answer says so. */
export function healthRoutes(app: App): void {
  const schema = {
    summary: 'Whether the service is ready',
    response: { 200: Type.Object({ status: Type.Literal('ok') }) },
    security: [],
  };
  app.get('/healthz', { config: { access: 'public' }, schema }, async () => ({ status: 'ok' as const }));
}
