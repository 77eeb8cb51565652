import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Credential, Identity, RequestAuthenticator } from '../../accounts/authenticator.ts';
import type { Actor } from '../../domain/audit.ts';
import { ServiceError } from '../../domain/errors.ts';
import type { KnownConnections } from '../credentials/known-connections.ts';
import { credentialIn } from '../credentials/request-credential.ts';
import type { BegunRequest } from './bodies/begun-requests.ts';
import { addressOf } from './client-address.ts';
import type { RateLimits } from './rate-limits.ts';

/**
 * Callers that a route accepts. The default is `account`.
 * - `public`: everyone, also without credentials
 * - `upload`: every account, also with an API key of the type `only_upload`
 * - `account`: every account, with a credential that gives full access
 * - `operator`: an operator, with a credential that gives full access
 */
export type Access = 'public' | 'upload' | 'account' | 'operator';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /**
     * Whether the route is for monitoring. Monitoring routes are also answered while the service
     * stops. `authenticate` neither checks the credentials of their requests nor counts these requests
     * for the rate limits.
     */
    isProbe?: boolean;
    /**
     * Whether the route's body contains a password. Answers of 401 and 403 then count as wrong guesses of the
     * password, even if the request has a valid credential.
     */
    takesPassword?: boolean;
  }
  interface FastifyRequest {
    /**
     * Account and credential of the request; `null`: the request has no valid credential. Only public routes
     * accept a request without a valid credential.
     */
    identity: Identity | null;
    /** Time at which the credential was checked, in milliseconds since the epoch. */
    admittedAt: number;
    /** Time of the admission by a monotonic clock, in milliseconds. */
    admittedMonotonic: number;
    /**
     * Number of revocations that this process knew of when the credential was checked. If the number has
     * grown since, the credential might be revoked.
     */
    revocations: number;
  }
}

export interface AuthenticationParts {
  readonly authenticator: RequestAuthenticator;
  readonly limits: RateLimits;
  readonly connections: KnownConnections;
}

/**
 * Checks the credential of each request, and the rate limits of its address and account, before the request's
 * body is read. Requests of operators to routes for operators do not count for these limits, because
 * operators publish events at high rates. An operator's request counts for its address only if its credential
 * is not cached, because the address is then counted before the credential is checked.
 */
export function authenticate(app: FastifyInstance, parts: AuthenticationParts): void {
  const { authenticator, limits, connections } = parts;
  app.decorateRequest('identity', null);
  app.decorateRequest('admittedAt', 0);
  app.decorateRequest('admittedMonotonic', 0);
  app.decorateRequest('revocations', 0);
  app.decorateRequest('isGuess', false);
  app.addHook('onRequest', (request, reply, done) => {
    const { access = 'account', isProbe } = request.routeOptions.config;
    if (isProbe) return done();
    if (request.begun) {
      continueBegun(request, request.begun);
      return done();
    }
    request.admittedAt = authenticator.now();
    request.admittedMonotonic = authenticator.monotonicNow();
    request.revocations = authenticator.revocations;
    request.identity = request.is404 ? null : connections.recall(request.raw, request);
    const isPublishing = access === 'operator' && request.identity?.account.isOperator === true;
    if (!isPublishing) limits.admitAddress(request, reply);
    if (request.is404) return done();
    const credential = request.identity ? null : credentialIn(request);
    if (credential) {
      identify(request, credential, parts)
        .then(() => admitIdentity(request, reply, limits))
        .then(() => done(), done);
      return;
    }
    if (!request.identity && access !== 'public') limits.guess(request);
    admitIdentity(request, reply, limits);
    done();
  });
  // Checks again, after the body has been received, that the credential is not revoked, because the client
  // decides how long it takes to send the body. Public routes are not checked, because they need no
  // credential.
  app.addHook('preValidation', (request, _reply, done) => {
    if (!request.identity || !authenticator.mayBeRevoked(request)) return done();
    if (request.routeOptions.config.access === 'public') return done();
    refuseRevoked(request, authenticator).then(() => done(), done);
  });
}

/** Gives a request what was found when it was begun. */
function continueBegun(request: FastifyRequest, { identity, admission }: BegunRequest): void {
  request.identity = identity;
  request.admittedAt = admission.admittedAt;
  request.admittedMonotonic = admission.admittedMonotonic;
  request.revocations = admission.revocations;
}

async function identify(
  request: FastifyRequest,
  credential: Credential,
  { authenticator, limits }: AuthenticationParts,
): Promise<void> {
  request.identity = await authenticator.identify(credential, () => limits.guess(request));
}

/** Counts a request for its account, and refuses it if its route does not accept its credential. */
function admitIdentity(request: FastifyRequest, reply: FastifyReply, limits: RateLimits): void {
  const { access = 'account', takesPassword } = request.routeOptions.config;
  if (request.identity) {
    limits.confirm(request);
    if (access !== 'operator' || !request.identity.account.isOperator)
      limits.admitAccount(request.identity.account.id, reply);
  }
  if (access !== 'public') admit(request.identity, access);
  if (takesPassword) countPassword(request, reply, limits);
}

/**
 * Refuses a request whose credential was revoked after the request began, so that no client can keep a
 * request open and complete it after the revocation. Routes that read their bodies themselves must call this
 * function again before they store anything.
 */
export async function refuseRevoked(
  request: FastifyRequest,
  authenticator: RequestAuthenticator,
): Promise<void> {
  const credential = credentialIn(request);
  if (!request.identity || !credential || !authenticator.mayBeRevoked(request)) return;
  if (await authenticator.wasRevoked(credential, request.admittedAt))
    throw new ServiceError(
      'unauthorized',
      'the credentials were revoked while the request was being received',
    );
}

/**
 * Counts the password of a request as a wrong guess before the password is checked, so that concurrent
 * guesses can't exceed the limit. If the answer is neither 401 nor 403, the guess is no longer counted.
 */
function countPassword(request: FastifyRequest, reply: FastifyReply, limits: RateLimits): void {
  limits.guess(request);
  // If the client disconnects before the whole answer is sent, `finish` is not emitted, and the guess stays
  // counted.
  reply.raw.once('finish', () => {
    if (reply.raw.statusCode !== 401 && reply.raw.statusCode !== 403) limits.confirm(request);
  });
}

/** Returns the account that makes a request. @throws ServiceError `unauthorized` without valid credentials */
export function accountOf(request: FastifyRequest): Identity['account'] {
  if (!request.identity) throw new ServiceError('unauthorized', 'credentials are required');
  return request.identity.account;
}

/**
 * Returns the actor of a request: its account, credential and address, which the audit log records with a
 * change.
 * @throws ServiceError `unauthorized` without valid credentials
 */
export function actorOf(request: FastifyRequest): Actor {
  const { id: accountId } = accountOf(request);
  const { credential, apiKey } = request.identity as Identity;
  return { accountId, credential, apiKey, ...originOf(request) };
}

/**
 * Returns the actor of a request that has a password in its body. `accountId` is `null`, because the password
 * has not been checked yet.
 */
export function passwordActor(request: FastifyRequest): Actor {
  return { accountId: null, credential: 'password', apiKey: null, ...originOf(request) };
}

function originOf({ ip, id: requestId }: FastifyRequest): Pick<Actor, 'address' | 'requestId'> {
  return { address: ip ? addressOf(ip) : null, requestId };
}

/**
 * Returns whether a request to any route is allowed to read private data of the account `userId`. The request
 * needs a credential of this account; an API key of the type `only_upload` is not sufficient.
 */
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
