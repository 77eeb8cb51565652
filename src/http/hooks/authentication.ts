import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator, Credential, Identity } from '../../accounts/authenticator.ts';
import type { Actor } from '../../domain/audit.ts';
import { ServiceError } from '../../domain/errors.ts';
import { addressOf } from './client-address.ts';
import type { RateLimits } from './rate-limits.ts';

/**
 * Who may call a route: anyone, an account that may upload, an account, or an operator.
 * A route that says nothing asks for an account.
 */
export type Access = 'public' | 'upload' | 'account' | 'operator';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** Asked by machines that watch the service: answered while it stops, too, and whatever credential comes along. */
    isProbe?: boolean;
    /** Brings a password in its body: answered 401 or 403, it was a wrong one, whatever credential came along. */
    takesPassword?: boolean;
  }
  interface FastifyRequest {
    /** Null on a public route that was called without a good credential. */
    identity: Identity | null;
    /** When its credential was looked at, in milliseconds since the epoch. */
    admittedAt: number;
    /** How many revocations there were then. */
    revocations: number;
  }
}

/**
 * Checks the credential of each request, and what its address and its account may ask for, before its body is read.
 * What an operator asks of the routes for operators counts for neither: that is the publishing of events.
 */
export function authenticate(app: FastifyInstance, authenticator: Authenticator, limits: RateLimits): void {
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
  // The body has come by now; how long that took was the client's choice. What is public is so for whoever was revoked.
  app.addHook('preValidation', (request, _reply, done) => {
    if (!request.identity || !authenticator.mayBeRevoked(request)) return done();
    if (request.routeOptions.config.access === 'public') return done();
    refuseRevoked(request, authenticator).then(() => done(), done);
  });
}

/**
 * Refuses a request whose credential was revoked after it began, so that nothing can be kept open to be ended later.
 * To be called once more by routes that read their bodies themselves, before they keep anything.
 */
export async function refuseRevoked(request: FastifyRequest, authenticator: Authenticator): Promise<void> {
  const credential = credentialOf(request);
  if (!request.identity || !credential || !authenticator.mayBeRevoked(request)) return;
  if (await authenticator.wasRevoked(credential, request.admittedAt))
    throw new ServiceError('unauthorized', 'the credentials were revoked while the request came');
}

/** Counted before it is looked at, and given back when it was right, so that many at once are no more than the limit. */
function countPassword(request: FastifyRequest, reply: FastifyReply, limits: RateLimits): void {
  limits.guess(request);
  // Only a whole answer: whoever goes away before it has guessed all the same.
  reply.raw.once('finish', () => {
    if (reply.raw.statusCode !== 401 && reply.raw.statusCode !== 403) limits.confirm(request);
  });
}

/** The account that a request speaks for; only to be asked on routes that are not public. */
export function accountOf(request: FastifyRequest): Identity['account'] {
  if (!request.identity) throw new ServiceError('unauthorized', 'credentials are needed');
  return request.identity.account;
}

/** Who makes the changes that a request asks for; only to be asked on routes that are not public. */
export function actorOf(request: FastifyRequest): Actor {
  const { id: accountId } = accountOf(request);
  const { credential, apiKey } = request.identity as Identity;
  return { accountId, credential, apiKey, ...cameFrom(request) };
}

/** The same for whoever brings a password; `accountId` is null where it was wrong. */
export function passwordActor(request: FastifyRequest): Actor {
  return { accountId: null, credential: 'password', apiKey: null, ...cameFrom(request) };
}

function cameFrom({ ip, id: requestId }: FastifyRequest): Pick<Actor, 'address' | 'requestId'> {
  return { address: ip ? addressOf(ip) : null, requestId };
}

/** Whether a request, be it on a public route, may see what is this account's alone. A key for uploads may not. */
export function mayReadAll({ identity }: FastifyRequest, userId: string): boolean {
  return identity?.access === 'full_access' && identity.account.id === userId;
}

function admit(identity: Identity | null, access: Access): void {
  if (!identity) {
    throw new ServiceError(
      'unauthorized',
      'expected good credentials: a bearer token, Basic with an API key, or the headers stream-public-key and stream-secret-key',
    );
  }
  if (identity.access === 'only_upload' && access !== 'upload') {
    throw new ServiceError('forbidden', 'this API key may only upload');
  }
  if (access === 'operator' && !identity.account.isOperator) {
    throw new ServiceError('forbidden', 'only an operator may do this');
  }
}

/** The first credential that a request brings. The public clients send some empty: that means absent. */
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
