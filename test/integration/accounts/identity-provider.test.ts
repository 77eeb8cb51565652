import assert from 'node:assert/strict';
import { createHmac, createPublicKey, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';
import { IdentityProvider } from '../../../src/accounts/identity-provider.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { ApiClient } from '../../support/service/api-client.ts';
import {
  newProviderKey,
  type ProviderKey,
  TestIdentityProvider,
} from '../../support/service/identity-provider.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService } from '../../support/service/service.ts';

const { issuer, audience } = TestIdentityProvider;
const USER = randomUUID();

let server: TestIdentityProvider;

beforeEach(async () => {
  server = await TestIdentityProvider.start();
});

afterEach(() => server.stop());

function provider(fields: object = {}): IdentityProvider {
  return new IdentityProvider({
    jwksUrl: server.url,
    issuer,
    audience,
    accountClaim: 'sub',
    cooldownMs: 0,
    ...fields,
  });
}

const verify = (token: string, by = provider()) => by.verify(token, Date.now());

const firstKey = () => server.keys[0] as ProviderKey;

/** Builds a token by hand, so that its header and claims are exactly the given ones. */
function compact(header: object, payload: object, sign: (text: string) => string): string {
  const text = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${sign(text)}`;
}

function goodClaims() {
  const now = Math.floor(Date.now() / 1000);
  return { iss: issuer, aud: audience, sub: USER, exp: now + 3600 };
}

test('a valid token names its account, whatever asymmetric algorithm signs it', async () => {
  for (const alg of ['RS256', 'PS384', 'ES256', 'ES512', 'EdDSA']) {
    server.keys = [await newProviderKey(alg)];
    const exp = Math.floor(Date.now() / 1000) + 60;
    const token = await server.token({ sub: USER.toUpperCase(), exp });
    assert.deepEqual(await verify(token), { account: { id: USER }, expiresAt: exp * 1000 }, alg);
  }
  assert.ok(await verify(await server.token({ sub: USER, aud: ['another', audience] })));
});

test('`none`, and an HMAC with the public key as its secret, are refused', async () => {
  const { kid, publicJwk } = firstKey();
  const by = provider();
  assert.ok(await verify(await server.token({ sub: USER }), by));
  const pem = createPublicKey({ key: publicJwk as never, format: 'jwk' });
  const secrets = [
    pem.export({ type: 'spki', format: 'pem' }),
    pem.export({ type: 'spki', format: 'der' }),
    JSON.stringify(publicJwk),
    String(publicJwk.n),
    Buffer.from(String(publicJwk.n), 'base64url'),
  ];
  for (const secret of secrets) {
    const hmac = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');
    assert.equal(await verify(compact({ alg: 'HS256', kid }, goodClaims(), hmac), by), null);
  }
  for (const alg of ['none', 'None', 'NONE', '', undefined]) {
    assert.equal(
      await verify(
        compact({ alg, kid }, goodClaims(), () => ''),
        by,
      ),
      null,
    );
    const [header, payload, signature] = (await server.token({ sub: USER })).split('.');
    assert.ok(header);
    assert.equal(
      await verify(
        compact({ alg, kid }, goodClaims(), () => `${signature}`),
        by,
      ),
      null,
    );
    assert.equal(await verify(`${header}.${payload}.`, by), null);
  }
});

test('a symmetric key that the provider publishes signs nothing', async () => {
  const secret = Buffer.from('a secret of the provider, long enough');
  const key = { kty: 'oct', k: secret.toString('base64url'), kid: 'shared', alg: 'HS256' };
  server.answer = { status: 200, body: JSON.stringify({ keys: [key] }) };
  const hmac = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');
  assert.equal(await verify(compact({ alg: 'HS256', kid: 'shared' }, goodClaims(), hmac)), null);
});

test('a token that is expired, changed, or for another service or of another issuer is refused', async () => {
  const now = Math.floor(Date.now() / 1000);
  const by = provider();
  const stranger = await newProviderKey();
  const good = await server.token({ sub: USER });
  const wrong: Record<string, string> = {
    'another issuer': await server.token({ sub: USER, iss: 'https://id.example.com' }),
    'no issuer': await server.token({ sub: USER, iss: undefined }),
    'our own issuer': await server.token({ sub: USER, iss: 'mediahooks', gen: 0 }),
    'another audience': await server.token({ sub: USER, aud: 'another' }),
    'no audience': await server.token({ sub: USER, aud: undefined }),
    expired: await server.token({ sub: USER, exp: now - 11 }),
    'no expiry': await server.token({ sub: USER, exp: undefined }),
    'not yet valid': await server.token({ sub: USER, nbf: now + 60 }),
    'no account': await server.token({}),
    'an empty account': await server.token({ sub: '' }),
    'an account that is no text': await server.token({ sub: 7 }),
    'no kid': await server.token({ sub: USER }, { header: { kid: undefined } }),
    'an empty kid': await server.token({ sub: USER }, { header: { kid: '' } }),
    'an unknown kid': await server.token({ sub: USER }, { key: stranger }),
    "a stranger's key by a known kid": await server.token(
      { sub: USER },
      { key: stranger, header: { kid: firstKey().kid } },
    ),
    "a key of the token's own": await server.token(
      { sub: USER },
      { key: stranger, header: { kid: firstKey().kid, jwk: stranger.publicJwk } },
    ),
    'another payload': good.replace(
      /\.[^.]+\./,
      `.${Buffer.from(JSON.stringify(goodClaims())).toString('base64url')}.`,
    ),
    'no token': 'abc',
  };
  for (const [what, token] of Object.entries(wrong)) assert.equal(await verify(token, by), null, what);
  assert.ok(await verify(good, by));
  assert.ok(await verify(await server.token({ sub: USER, exp: now - 5 }), by), 'clocks differ a little');
});

test("where the claim is email, its value is the account's address, unless the address was not verified", async () => {
  const by = provider({ accountClaim: 'email' });
  const named = async (claims: object) =>
    (await verify(await server.token({ sub: 'x', ...claims }), by))?.account;
  const email = 'Ada@Example.com';
  assert.deepEqual(await named({ email }), { email: 'ada@example.com' });
  assert.deepEqual(await named({ email, email_verified: true }), { email: 'ada@example.com' });
  assert.equal(await named({ email, email_verified: false }), undefined);
  assert.equal(await named({ email, email_verified: 'false' }), undefined);
  assert.equal(await named({}), undefined);
});

test('keys are fetched once, and again when a token names an unknown one; a removed key is refused', async () => {
  const by = provider();
  const [before] = server.keys;
  const old = await server.token({ sub: USER });
  for (let n = 0; n < 3; n += 1) assert.ok(await verify(old, by));
  assert.equal(server.asked, 1);

  server.keys.push(await newProviderKey('ES256'));
  assert.ok(await verify(await server.token({ sub: USER }), by));
  assert.equal(server.asked, 2);
  assert.ok(await verify(old, by));

  server.keys = [await newProviderKey()];
  assert.ok(await verify(await server.token({ sub: USER }), by));
  assert.equal(await verify(await server.token({ sub: USER }, { key: before }), by), null);
});

test('a removed key is refused once the fetched keys are old, even if no token names another', async () => {
  const by = provider({ cacheMs: 0 });
  const old = await server.token({ sub: USER });
  assert.ok(await verify(old, by));
  server.keys = [await newProviderKey()];
  assert.equal(await verify(old, by), null);
});

test('a wall clock that is set back keeps no removed key, and no new key away', async (t) => {
  const by = provider({ cacheMs: 300, cooldownMs: 50 });
  const old = await server.token({ sub: USER });
  assert.ok(await verify(old, by));
  const now = Date.now();
  t.mock.method(Date, 'now', () => Math.floor(performance.timeOrigin + performance.now()) - 3_600_000);
  server.keys = [await newProviderKey()];
  const fresh = await server.token({
    sub: USER,
    iat: Math.floor(now / 1_000),
    exp: Math.floor(now / 1_000) + 600,
  });
  await eventually('the new key is known', async () => (await by.verify(fresh, now)) !== null, 5_000);
  await eventually('the old key is forgotten', async () => (await by.verify(old, now)) === null, 5_000);
});

test('many unknown keys make few requests', async () => {
  const by = provider({ cooldownMs: 60_000 });
  assert.ok(await verify(await server.token({ sub: USER }), by));
  const key = await newProviderKey();
  const token = (n: number) => server.token({ sub: USER }, { key, header: { kid: `unknown ${n}` } });
  for (let n = 0; n < 20; n += 1) assert.equal(await verify(await token(n), by), null);
  assert.equal(server.asked, 1);
});

test('a provider that fails, hangs or answers nonsense is unavailable, and is asked once a second', async () => {
  const token = await server.token({ sub: USER });
  const answers = [
    { status: 500, body: '{}' },
    { status: 302, body: '' },
    { status: 200, body: '<html>' },
    { status: 200, body: '{"keys":7}' },
    null,
  ];
  for (const answer of answers) {
    server.answer = answer;
    const by = provider({ timeoutMs: 200 });
    const start = performance.now();
    await assert.rejects(verify(token, by), { name: 'ServiceError', code: 'unavailable' });
    assert.ok(performance.now() - start < 2_000);
  }
  server.answer = { status: 500, body: '{}' };
  const by = provider();
  server.asked = 0;
  const all = await Promise.allSettled(Array.from({ length: 50 }, () => verify(token, by)));
  assert.ok(all.every(({ status }) => status === 'rejected'));
  assert.equal(server.asked, 1);
});

test('the service accepts tokens of the provider beside its own, and only its own while the provider is down', async (t) => {
  const service = await startTestService({
    MEDIAHOOKS_JWKS_URL: server.url.href,
    MEDIAHOOKS_JWT_ISSUER: issuer,
    MEDIAHOOKS_JWT_AUDIENCE: audience,
  });
  t.after(() => service.stop());
  const { userId, token: own } = service.client.credentials;
  const whoAmI = (token: string) =>
    new ApiClient(service.service.url, service.client.credentials, { authorization: `Bearer ${token}` }).call(
      'GET',
      '/user/me',
    );
  // The keys have not been fetched yet, and no token is in the cache.
  await server.stop();
  const refused = await whoAmI(await server.token({ sub: userId }));
  assertRefusal(refused, 'unavailable');
  assert.match(refused.body.message, /identity provider/);
  assert.equal((await whoAmI(own)).body.data.user.id, userId);

  await server.resume();
  const good = await server.token({ sub: userId, jti: 'good' });
  const answer = await eventually('the provider is asked again', async () => {
    const given = await whoAmI(good);
    return given.status === 503 ? null : given;
  });
  assert.equal(answer.body.data.user.id, userId);
  assert.equal((await whoAmI(own)).body.data.user.id, userId);
  assertRefusal(await whoAmI(await server.token({ sub: randomUUID() })), 'unauthorized');
  assertRefusal(await whoAmI(await server.token({ sub: userId, aud: 'another' })), 'unauthorized');

  const path = `/accounts/${userId}`;
  await service.operator.expect(200, 'PATCH', path, { is_disabled: true });
  for (const token of [good, own]) assertRefusal(await whoAmI(token), 'unauthorized');
});

test('by email, the service finds the account that has the address', async (t) => {
  const service = await startTestService({
    MEDIAHOOKS_JWKS_URL: server.url.href,
    MEDIAHOOKS_JWT_ISSUER: issuer,
    MEDIAHOOKS_JWT_AUDIENCE: audience,
    MEDIAHOOKS_JWT_ACCOUNT_CLAIM: 'email',
  });
  t.after(() => service.stop());
  const { user } = (await service.client.expect(200, 'GET', '/user/me')).data;
  const call = async (claims: object) => {
    const authorization = `Bearer ${await server.token({ ...claims })}`;
    return new ApiClient(service.service.url, service.client.credentials, { authorization }).call(
      'GET',
      '/user/me',
    );
  };
  assert.equal((await call({ email: user.email.toUpperCase() })).body.data.user.id, user.id);
  assertRefusal(await call({ email: user.email, email_verified: false }), 'unauthorized');
  assertRefusal(await call({ sub: user.id }), 'unauthorized');
});
