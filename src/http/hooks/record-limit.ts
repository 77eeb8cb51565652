import type { FastifyRequest } from 'fastify';
import type { RecordQuota } from '../../accounts/record-quota.ts';
import type { App } from '../app.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route's change protects the account: it is allowed a little past the limit of records. */
    isEssential?: boolean;
  }
}

/**
 * Refuses a change of an account whose records take too much of the database. A deletion is never refused, because it
 * makes room. Changes by operators on routes for operators are not limited.
 */
export function limitRecords(app: App, quota: Pick<RecordQuota, 'admit'>): void {
  app.addHook('preHandler', (request, _reply, done) => {
    const { access, isEssential = false, takesPassword = false } = request.routeOptions.config;
    if (!request.identity || access === 'operator' || access === 'public') return done();
    if (!addsRecords(request)) return done();
    quota.admit(request.identity.account.id, isEssential || takesPassword).then(() => done(), done);
  });
}

function addsRecords({ method, routeOptions: { config } }: FastifyRequest): boolean {
  const isChange = method === 'POST' || method === 'PUT' || method === 'PATCH';
  return config.writes ?? isChange;
}
