import { consoleLinkUrl } from '../../../accounts/console-sessions.ts';
import type { App } from '../../app.ts';
import { actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { consoleLinkBody, consoleLinkFields } from '../../wire/console.ts';
import { dataBody, IdParams, success } from '../../wire/envelope.ts';

/** Registers the route with which operators issue links that sign an account in to the web console. */
export function consoleLinkRoutes(
  api: App,
  { accounts, consoleSessions, publicUrl }: Pick<Services, 'accounts' | 'consoleSessions' | 'publicUrl'>,
): void {
  api.post(
    '/accounts/:id/console-links',
    {
      config: { access: 'operator', errors: { conflict: 'The account is disabled.' } },
      schema: {
        operationId: 'createConsoleLink',
        tags: ['Accounts'],
        summary: 'Issue a link that signs the account in to the web console, once',
        description:
          'The link can be used for an hour, and only once. The session lasts an hour, and has all rights of the account. An account has at most 100 unused links; a further one replaces the oldest.',
        params: IdParams,
        response: { 201: dataBody(consoleLinkFields) },
      },
    },
    async (request, reply) => {
      const account = await accounts.find(request.params.id);
      const link = await consoleSessions.issueLink(account, actorOf(request));
      const body = consoleLinkBody(consoleLinkUrl(publicUrl(), link), link.expiresAt);
      return reply.code(201).header('cache-control', 'no-store').send(success(body));
    },
  );
}
