import { changePassword, signIn } from '../../../accounts/sessions.ts';
import { ServiceError } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf, passwordActor } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { LoginInput, PasswordInput, sessionBody, sessionFields } from '../../wire/account.ts';
import { dataBody, success } from '../../wire/envelope.ts';

/** Signing in with email address and password, for the console. */
export function authRoutes(api: App, services: Services): void {
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
        summary: 'Sign in with email address and password, for a bearer token',
        description: 'An unknown address, a wrong password and a disabled account are answered alike.',
        body: LoginInput,
        response,
      },
    },
    async (request, reply) => {
      const session = await signIn(services, request.body, passwordActor(request));
      if (!session) {
        // A browser that is offered Basic asks for it in a window of its own.
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
        errors: { forbidden: 'The current password is another, or the API key may only upload.' },
      },
      schema: {
        operationId: 'changePassword',
        tags: ['Sign-in'],
        summary: 'Change the password: every token of before is refused, and a new one is given',
        body: PasswordInput,
        response,
      },
    },
    async (request) => {
      const { current_password: current, new_password: next } = request.body;
      const { id } = accountOf(request);
      const session = await changePassword(services, id, { current, next }, actorOf(request));
      services.authenticator.forgetAccount(id);
      return success(sessionBody(session));
    },
  );
}
