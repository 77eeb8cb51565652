import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import type { Identity } from '../../../accounts/authenticator.ts';
import type { ConsoleSessions, OpenedSession } from '../../../accounts/console-sessions.ts';
import type { Actor } from '../../../domain/audit.ts';
import { invalidField, ServiceError } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';
import { consoleCookie } from '../../credentials/console-cookie.ts';
import { isSecure } from '../../credentials/console-requests.ts';
import { accountOf, actorOf, passwordActor } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { PasswordInput } from '../../wire/account.ts';
import {
  ConsoleHeaders,
  consoleSessionBody,
  consoleSessionFields,
  NO_SESSION_ANSWER_EXAMPLE,
  SESSION_ANSWER_EXAMPLE,
  SignInInput,
} from '../../wire/console.ts';
import { dataBody, MessageBody, message, success } from '../../wire/envelope.ts';

export type ConsoleServices = Pick<Services, 'consoleSessions' | 'console' | 'publicUrl'>;

const cross_site_request =
  'The header x-mediahooks-console is missing, or a page of another site sent the request.';
const not_found = 'The operator has turned the web console off.';
const response = { 200: dataBody(consoleSessionFields) };

/** Registers the routes with which the web console signs people in and out. */
export function consoleSessionRoutes(api: App, services: ConsoleServices): void {
  const { consoleSessions: sessions, console } = services;

  api.get(
    '/console/session',
    {
      // A key for uploads may ask, too, because a session can be opened with one.
      config: { access: 'upload' },
      schema: {
        operationId: 'getConsoleSession',
        tags: ['Console'],
        answerExample: NO_SESSION_ANSWER_EXAMPLE,
        summary: 'Who is signed in, and what the web console may do',
        response,
      },
    },
    async ({ identity }) => success(consoleSessionBody(identity as Identity, console)),
  );

  api.post(
    '/console/session',
    {
      config: {
        access: 'public',
        isConsole: true,
        takesPassword: true,
        errors: {
          unauthorized:
            'The address or the password is wrong, or the API key, or the link is unknown, used or too old, or the account is disabled.',
          cross_site_request,
          not_found,
        },
      },
      schema: {
        operationId: 'signInToConsole',
        tags: ['Console'],
        answerExample: SESSION_ANSWER_EXAMPLE,
        summary: 'Sign in to the web console',
        description:
          'Sets a cookie that scripts cannot read. A session with a password or an API key lasts twelve hours, one by a link an hour. A session with an API key has the rights of the key, and ends with it.',
        formHeaders: ConsoleHeaders,
        body: SignInInput,
        response,
      },
    },
    async (request, reply) => {
      const opened = await signIn(sessions, proofIn(request.body), passwordActor(request));
      if (!opened) throw refused(reply);
      return answer({ request, reply, services }, opened);
    },
  );

  api.delete(
    '/console/session',
    {
      config: { access: 'public', isConsole: true, errors: { cross_site_request, not_found } },
      schema: {
        operationId: 'signOutOfConsole',
        tags: ['Console'],
        answerExample: message('signed out'),
        summary: 'Sign out of the web console',
        description:
          'Once this is answered, the cookie is refused. The answer is the same without a session.',
        formHeaders: ConsoleHeaders,
        response: { 200: MessageBody },
      },
    },
    async (request, reply) => {
      const { identity } = request;
      if (identity?.session) await sessions.signOut(identity.session, actorOf(request));
      setCookie({ request, reply, services }, null, 0);
      return message('signed out');
    },
  );

  api.post(
    '/console/session/password',
    {
      config: {
        isConsole: true,
        takesPassword: true,
        errors: {
          cross_site_request,
          not_found,
          forbidden: 'The current password is wrong, or the API key may only upload.',
        },
      },
      schema: {
        operationId: 'changePasswordInConsole',
        tags: ['Console'],
        answerExample: SESSION_ANSWER_EXAMPLE,
        summary: 'Change the password, end all sessions and tokens, and open a new session by cookie',
        formHeaders: ConsoleHeaders,
        body: PasswordInput,
        response,
      },
    },
    async (request, reply) => {
      const { current_password: current, new_password: next } = request.body;
      const { id } = accountOf(request);
      const opened = await sessions.changePassword(id, { current, next }, actorOf(request));
      return answer({ request, reply, services }, opened);
    },
  );
}

/** A request to open or end a session, its answer, and the services. */
interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly services: ConsoleServices;
}

type Proof =
  | { readonly email: string; readonly password: string }
  | { readonly publicKey: string; readonly secretKey: string }
  | { readonly link: string };

/** Returns what the caller proves the account with. @throws ServiceError `invalid_request` unless it is one complete proof */
function proofIn({ email, password, public_key, secret_key, link }: Static<typeof SignInInput>): Proof {
  const given = { email, password, public_key, secret_key, link };
  const pairs = [['email', 'password'], ['public_key', 'secret_key'], ['link']] as const;
  const used = pairs.filter((pair) => pair.some((name) => given[name] !== undefined));
  const [first, second] = used;
  if (!first)
    throw invalidField('email', 'expected email and password, or public_key and secret_key, or link');
  if (second) {
    const name = second.find((one) => given[one] !== undefined) as string;
    throw invalidField(name, `can't be combined with ${first.find((one) => given[one] !== undefined)}`);
  }
  const missing = first.find((name) => given[name] === undefined);
  if (missing) throw invalidField(missing, `expected with ${first.find((one) => one !== missing)}`);
  if (link !== undefined) return { link };
  return public_key === undefined
    ? { email: email as string, password: password as string }
    : { publicKey: public_key, secretKey: secret_key as string };
}

function signIn(sessions: ConsoleSessions, proof: Proof, by: Actor): Promise<OpenedSession | null> {
  if ('link' in proof) return sessions.signInByLink(proof.link, by);
  return 'email' in proof ? sessions.signInByPassword(proof, by) : sessions.signInByKey(proof, by);
}

function refused(reply: FastifyReply): ServiceError {
  // Offers only the scheme Bearer. If Basic were offered, browsers would ask for credentials in a window of their own.
  reply.header('www-authenticate', 'Bearer');
  return new ServiceError(
    'unauthorized',
    'the email address or the password is wrong, or the API key, or the link has been used or is too old',
  );
}

/** Answers with a session that was opened, and sets its cookie. */
function answer(exchange: Exchange, { identity, secret }: OpenedSession) {
  const { console } = exchange.services;
  const { createdAt, expiresAt } = identity.session ?? { createdAt: 0, expiresAt: 0 };
  setCookie(exchange, secret, Math.round((expiresAt - createdAt) / 1000));
  return success(consoleSessionBody(identity, console));
}

function setCookie({ request, reply, services }: Exchange, secret: string | null, maxAgeS: number): void {
  const { console, publicUrl } = services;
  const rules = {
    isSecure: isSecure(request, publicUrl()),
    isEmbedded: console.embedOrigins.length > 0,
  };
  reply.header('set-cookie', consoleCookie({ secret, maxAgeS }, rules));
  reply.header('cache-control', 'no-store');
}
