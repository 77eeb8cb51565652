import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Credential, Identity, RequestAuthenticator } from '../../accounts/authenticator.ts';
import type { Actor } from '../../domain/audit.ts';
import { ServiceError } from '../../domain/errors.ts';
import { addressOf } from './client-address.ts';
import type { RateLimits } from './rate-limits.ts';

/**
 * Callers that a route accepts: anyone (`public`), any account (`upload`), an account with full access (`account`), or an
 * operator. The default is `account`.
 */
export type Access = 'public' | 'upload' | 'account' | 'operator';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** Whether the route is for monitoring. Such a route also answers while the service stops, and ignores credentials. */
    isProbe?: boolean;
    /** Whether the route's body contains a password. An answer of 401 or 403 then counts as a wrong guess, whatever the credential. */
    takesPassword?: boolean;
  }
  interface FastifyRequest {
    /** `null`: a public route was called without a valid credential. */
    identity: Identity | null;
    /** Time at which the credential was checked, in milliseconds since the epoch. */
    admittedAt: number;
    /** Number of revocations at the time of that check. */
    revocations: number;
  }
}

/**
 * Checks the credential of each request and the rate limits of its address and account, before its body is read.
 * Requests of operators to the routes for operators do not count for the limits, because they publish events.
 */
export function authenticate(
  app: FastifyInstance,
  authenticator: RequestAuthenticator,
  limits: RateLimits,
): void {
  app.decorateRequest('identity', null);
  app.decorateRequest('admittedAt', 0);
  app.decorateRequest('revocations', 0);
  app.decorateRequest('isGuess', false);
  app.addHook('onRequest', async (request, reply) => {
    const { access = 'account', isProbe, takesPassword } = request.routeOptions.config;
    if (isProbe) return;
    request.admittedAt = authenticator.now();
    request.revocations = authenticator.revocations;
    const credential = request.is404 ? null : credentialOf(request);
    const recalled = credential && authenticator.recall(credential);
    const isPublishing = access === 'operator' && recalled?.account.isOperator === true;
    if (!isPublishing) limits.admitAddress(request, reply);
    if (request.is404) return;
    if (credential)
      request.identity = recalled ?? (await authenticator.identify(credential, () => limits.guess(request)));
    else if (access !== 'public') limits.guess(request);
    if (request.identity) {
      limits.confirm(request);
      if (access !== 'operator' || !request.identity.account.isOperator)
        limits.admitAccount(request.identity.account.id, reply);
    }
    if (access !== 'public') admit(request.identity, access);
    if (takesPassword) countPassword(request, reply, limits);
  });
  // The client decides how long its body takes, so the credential may have been revoked since. Public routes need none.
  app.addHook('preValidation', (request, _reply, done) => {
    if (!request.identity || !authenticator.mayBeRevoked(request)) return done();
    if (request.routeOptions.config.access === 'public') return done();
    refuseRevoked(request, authenticator).then(() => done(), done);
  });
}

/**
 * Refuses a request whose credential was revoked after the request began, so that no client can keep a request open and
 * complete it later. Routes that read their bodies themselves must call it again before they store anything.
 */
export async function refuseRevoked(
  request: FastifyRequest,
  authenticator: RequestAuthenticator,
): Promise<void> {
  const credential = credentialOf(request);
  if (!request.identity || !credential || !authenticator.mayBeRevoked(request)) return;
  if (await authenticator.wasRevoked(credential, request.admittedAt))
    throw new ServiceError(
      'unauthorized',
      'the credentials were revoked while the request was being received',
    );
}

/** Counts a password as a guess before it is checked, and undoes this if it was right, so that concurrent guesses can't exceed the limit. */
function countPassword(request: FastifyRequest, reply: FastifyReply, limits: RateLimits): void {
  limits.guess(request);
  // Only a complete answer counts: a client that disconnects before it has still made a guess.
  reply.raw.once('finish', () => {
    if (reply.raw.statusCode !== 401 && reply.raw.statusCode !== 403) limits.confirm(request);
  });
}

/** Returns the account that makes a request, on routes that are not public. */
export function accountOf(request: FastifyRequest): Identity['account'] {
  if (!request.identity) throw new ServiceError('unauthorized', 'credentials are required');
  return request.identity.account;
}

/** Returns the actor whom the audit log names for the changes of a request, on routes that are not public. */
export function actorOf(request: FastifyRequest): Actor {
  const { id: accountId } = accountOf(request);
  const { credential, apiKey } = request.identity as Identity;
  return { accountId, credential, apiKey, ...originOf(request) };
}

/** Returns the actor of a request with a password in its body. `accountId` is `null`, because the password may be wrong. */
export function passwordActor(request: FastifyRequest): Actor {
  return { accountId: null, credential: 'password', apiKey: null, ...originOf(request) };
}

function originOf({ ip, id: requestId }: FastifyRequest): Pick<Actor, 'address' | 'requestId'> {
  return { address: ip ? addressOf(ip) : null, requestId };
}

/** Returns whether a request, on any route, may read private data of the account `userId`. An upload key may not. */
export function mayReadAll({ identity }: FastifyRequest, userId: string): boolean {
  return identity?.access === 'full_access' && identity.account.id === userId;
}

function admit(identity: Identity | null, access: Access): void {
  if (!identity) {
    throw new ServiceError(
      'unauthorized',
      'valid credentials are required: a bearer token, an API key as Basic credentials, or the headers stream-public-key and stream-secret-key',
    );
  }
  if (identity.access === 'only_upload' && access !== 'upload') {
    throw new ServiceError('forbidden', 'this API key can only be used for uploads');
  }
  if (access === 'operator' && !identity.account.isOperator) {
    throw new ServiceError('forbidden', 'only operators may do this');
  }
}

/** Returns the first credential of a request. An empty credential counts as absent, because the public clients send such. */
function credentialOf({ headers }: FastifyRequest): Credential | null {
  const { scheme, value } = authorization(headers.authorization ?? '');
  if (scheme === 'bearer' && value !== '') return { kind: 'token', token: value };
  const pair = scheme === 'basic' ? basicPair(value) : null;
  if (pair) return pair;
  return keyPair(headers['stream-public-key'], headers['stream-secret-key']);
}

function authorization(header: string): { scheme: string; value: string } {
  const [scheme = '', ...rest] = header.trim().split(/\s+/);
  return { scheme: scheme.toLowerCase(), value: rest.join(' ') };
}

function basicPair(value: string): Credential | null {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? null : keyPair(text.slice(0, colon), text.slice(colon + 1));
}

function keyPair(publicKey: unknown, secretKey: unknown): Credential | null {
  if (typeof publicKey !== 'string' || typeof secretKey !== 'string') return null;
  if (publicKey === '' || secretKey === '') return null;
  return { kind: 'api-key', publicKey, secretKey };
}
