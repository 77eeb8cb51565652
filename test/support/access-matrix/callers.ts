import { randomUUID } from 'node:crypto';
import { type Credentials, createAccountWithToken } from '../../../src/accounts/create-account.ts';
import { generateApiKey } from '../../../src/accounts/secrets/api-key-secrets.ts';
import { consoleSecretHash, newConsoleSecret } from '../../../src/accounts/secrets/console-secrets.ts';
import type { ApiKeyType } from '../../../src/domain/account.ts';
import type { ConsoleSession } from '../../../src/domain/console-session.ts';
import { ApiClient, basicHeaders } from '../service/api-client.ts';
import type { TestIdentityProvider } from '../service/identity-provider.ts';
import type { TestService } from '../service/service.ts';
import type { Standing } from './expectations.ts';

/** Caller with one kind of credential: a column of the matrix. */
export interface Caller {
  readonly name: string;
  readonly standing: Standing;
  /** Whether the credential is the console's cookie, which counts in requests to the API only. */
  readonly isCookie?: true;
  /**
   * Returns the headers with the credential. A new credential is created for each call, because some calls
   * end tokens.
   */
  readonly headers: () => Promise<Record<string, string>> | Record<string, string>;
}

export interface CallersParts {
  readonly test: TestService;
  readonly provider: TestIdentityProvider;
  readonly owner: Credentials;
  readonly password: string;
}

/**
 * Makes a caller for every kind of credential. The revoked and expired credentials were valid before. They
 * belong to the owner or to an operator, so that the test fails if a route accepts one of them.
 */
export async function makeCallers({ test, provider, owner, password }: CallersParts): Promise<Caller[]> {
  const { storage, tokens, url } = test.service;
  const now = Date.now();
  const stranger = (await test.newAccount()).credentials;
  const operator = test.operator.credentials;
  const disabled = await createAccountWithToken(
    { storage, tokens },
    { email: 'x@example.com', isOperator: true, now },
    null,
  );

  const token = async (userId: string, ttl = 60, issuedAt = Date.now()) => {
    const generation = (await storage.accounts.find(userId))?.tokenGeneration ?? 0;
    return bearer(await tokens.issue(userId, { ttl, now: issuedAt, generation }));
  };
  const provided = async (claims: Record<string, unknown>) => bearer(await provider.token(claims));
  const key = async (userId: string, type: ApiKeyType, { ttl = 0, createdAt = now } = {}) => {
    const made = generateApiKey({ userId, name: 'a key', type, ttl, now: createdAt });
    await storage.apiKeys.create(made.key, null, null);
    return { id: made.key.id, headers: basicHeaders(made.key.publicKey, made.secret) };
  };

  const session = async (userId: string, changes: Partial<ConsoleSession> = {}) => {
    const secret = newConsoleSecret();
    const generation = (await storage.accounts.find(userId))?.tokenGeneration ?? 0;
    const times = { createdAt: Date.now(), expiresAt: Date.now() + 60_000 };
    const fields = { userId, generation, means: 'password', apiKeyId: null, ...times } as const;
    await storage.consoleSessions.create({ ...fields, id: consoleSecretHash(secret), ...changes }, null);
    return { cookie: `mediahooks=${secret}`, 'x-mediahooks-console': '1' };
  };

  const ownerKey = basicHeaders(owner.publicKey, owner.secretKey);
  const disabledKey = basicHeaders(disabled.publicKey, disabled.secretKey);
  const removedKey = await key(owner.userId, 'full_access');
  const revokedSession = await session(owner.userId);
  const sessionOfRemoved = await session(owner.userId, { apiKeyId: removedKey.id });
  const sessionOfDisabled = await session(disabled.userId);
  const revokedToken = await token(owner.userId);
  const tokenOfDisabled = await token(disabled.userId);
  const sessions = [revokedSession, sessionOfRemoved, sessionOfDisabled];
  for (const headers of [disabledKey, removedKey.headers, revokedToken, tokenOfDisabled, ...sessions])
    await new ApiClient(url, owner, headers).expect(200, 'GET', '/user/me');
  await test.operator.expect(200, 'PATCH', `/accounts/${disabled.userId}`, { is_disabled: true });
  await test.operator.expect(200, 'PATCH', `/accounts/${owner.userId}`, { password });
  await new ApiClient(url, owner).expect(200, 'DELETE', `/api_keys/${removedKey.id}`);

  const expiredKey = await key(owner.userId, 'full_access', { ttl: 60, createdAt: now - 60_000 });
  const uploadKey = await key(owner.userId, 'only_upload');
  const strangeUploadKey = await key(stranger.userId, 'only_upload');
  const operatorUploadKey = await key(operator.userId, 'only_upload');
  const expiredSession = await session(owner.userId, { expiresAt: Date.now() });
  const sessionOfExpired = await session(owner.userId, { apiKeyId: expiredKey.id });
  // Returns one session until a call has ended it, because a session is an object of the account.
  const lasting = async (userId: string, changes: Partial<ConsoleSession> = {}) => {
    let current = await session(userId, changes);
    return async () => {
      const { status } = await fetch(`${url}/api/console/session`, { headers: current });
      if (status === 401) current = await session(userId, changes);
      return current;
    };
  };
  const uploadSession = await lasting(owner.userId, { apiKeyId: uploadKey.id });
  const ownerSession = await lasting(owner.userId);
  const forged = (await token(owner.userId)).authorization.replace(/.{6}$/, 'AAAAAA');
  const past = Math.floor(now / 1000) - 60;

  const caller = (standing: Standing, name: string, headers: Caller['headers']) => ({
    standing,
    name,
    headers,
  });
  const cookie = (...[standing, name, headers]: Parameters<typeof caller>): Caller => ({
    ...caller(standing, name, headers),
    isCookie: true,
  });
  return [
    caller('nobody', 'nothing', () => ({})),
    caller('nobody', 'a malformed token', () => bearer('abc')),
    caller('nobody', 'malformed Basic credentials', () => ({ authorization: 'Basic %%%' })),
    caller('nobody', 'a forged token', () => ({ authorization: forged })),
    caller('nobody', 'an expired token', () => token(owner.userId, 60, Date.now() - 60_000)),
    caller('nobody', 'a token from before a change of password', () => revokedToken),
    caller('nobody', "a token of nobody's", () => token(randomUUID())),
    caller('nobody', "a disabled account's token", () => tokenOfDisabled),
    caller('nobody', "the provider's token that has expired", () =>
      provided({ sub: owner.userId, exp: past }),
    ),
    caller('nobody', "the provider's token for a disabled account", () => provided({ sub: disabled.userId })),
    caller('nobody', "a key with another's secret", () => basicHeaders(owner.publicKey, stranger.secretKey)),
    caller('nobody', 'an expired key', () => expiredKey.headers),
    caller('nobody', 'a removed key', () => removedKey.headers),
    caller('nobody', "a disabled account's key", () => disabledKey),
    caller('uploader', 'a key for uploads', () => uploadKey.headers),
    caller('strange uploader', "another account's key for uploads", () => strangeUploadKey.headers),
    caller('strange uploader', "an operator's key for uploads", () => operatorUploadKey.headers),
    caller('stranger', "another account's key", () => basicHeaders(stranger.publicKey, stranger.secretKey)),
    caller('stranger', "another account's token", () => token(stranger.userId)),
    caller('operator', "an operator's key", () => basicHeaders(operator.publicKey, operator.secretKey)),
    caller('operator', "an operator's token", () => token(operator.userId)),
    caller('owner', "the owner's key", () => ownerKey),
    caller('owner', "the owner's token", () => token(owner.userId)),
    cookie('nobody', 'a malformed cookie', () => ({ cookie: 'mediahooks=%%%', 'x-mediahooks-console': '1' })),
    cookie('nobody', 'a session that has expired', () => expiredSession),
    cookie('nobody', 'a session from before a change of password', () => revokedSession),
    cookie('nobody', 'a session by a removed key', () => sessionOfRemoved),
    cookie('nobody', 'a session by an expired key', () => sessionOfExpired),
    cookie('nobody', "a disabled account's session", () => sessionOfDisabled),
    cookie('uploader', 'a session by a key for uploads', uploadSession),
    cookie('strange uploader', "an operator's session by a key for uploads", () =>
      session(operator.userId, { apiKeyId: operatorUploadKey.id }),
    ),
    cookie('stranger', "another account's session", () => session(stranger.userId)),
    cookie('operator', "an operator's session", () => session(operator.userId)),
    cookie('owner', "the owner's session", ownerSession),
    caller('owner', "the provider's token for the owner", () => provided({ sub: owner.userId })),
  ];
}

function bearer(token: string) {
  return { authorization: `Bearer ${token}` };
}
