import { ServiceError } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf, passwordActor } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { LoginInput, PasswordInput, sessionBody, sessionFields } from '../../wire/account.ts';
import { dataBody, success } from '../../wire/envelope.ts';

/** Registers the routes with which people sign in and change their passwords. */
export function authRoutes(api: App, { sessions }: Pick<Services, 'sessions'>): void {
  const response = { 200: dataBody(sessionFields) };

  api.post(
    '/auth/login',
    {
      config: {
        access: 'public',
        takesPassword: true,
        errors: { unauthorized: 'The email address or the password is wrong, or the account is disabled.' },
      },
      schema: {
        operationId: 'signIn',
        tags: ['Sign-in'],
        summary: 'Sign in with email address and password, and get a bearer token',
        description:
          'The answer is the same for an unknown address, a wrong password and a disabled account.',
        body: LoginInput,
        response,
      },
    },
    async (request, reply) => {
      const session = await sessions.signIn(request.body, passwordActor(request));
      if (!session) {
        // Offers only the scheme Bearer. If Basic were offered, browsers would ask for credentials in a
        // window of their own.
        reply.header('www-authenticate', 'Bearer');
        throw new ServiceError('unauthorized', 'the email address or the password is wrong');
      }
      return success(sessionBody(session));
    },
  );

  api.post(
    '/auth/password',
    {
      config: {
        takesPassword: true,
        errors: {
          forbidden:
            "The current password is wrong, the API key may only upload, or the credential is the console's cookie.",
        },
      },
      schema: {
        operationId: 'changePassword',
        tags: ['Sign-in'],
        summary: 'Change the password; all earlier tokens are refused, and a new one is returned',
        body: PasswordInput,
        response,
      },
    },
    async (request) => {
      const { current_password: current, new_password: next } = request.body;
      const { id } = accountOf(request);
      // A script of the console's page must not get a token, which would outlive the page.
      if (request.identity?.session)
        throw new ServiceError('forbidden', 'in the web console, use POST /api/console/session/password');
      return success(sessionBody(await sessions.changePassword(id, { current, next }, actorOf(request))));
    },
  );
}
