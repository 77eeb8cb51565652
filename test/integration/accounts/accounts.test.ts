import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { ApiClient } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const PASSWORD = 'correct horse battery staple';
const OTHER_PASSWORD = 'another one, of many words';

let service: TestService;
let operator: ApiClient;
let nobody: ApiClient;

before(async () => {
  service = await startTestService();
  operator = service.operator;
  nobody = new ApiClient(service.service.url, service.client.credentials, {});
});

after(() => service.stop());

const bearer = (token: string) =>
  new ApiClient(service.service.url, service.client.credentials, { authorization: `Bearer ${token}` });

const login = (email: string, password: string) => nobody.call('POST', '/auth/login', { email, password });

/** Creates an account, with clients for its key and for a session of it. */
async function create(fields: Record<string, unknown> = {}) {
  const email = `${randomUUID()}@example.com`;
  const body = { email, password: PASSWORD, ...fields };
  const { account, api_key: key } = (await operator.expect(201, 'POST', '/accounts', body)).data;
  const credentials = { userId: account.id, publicKey: key.public_key, secretKey: key.secret, token: '' };
  return { account, email, client: new ApiClient(service.service.url, credentials) };
}

async function sessionOf(email: string, password = PASSWORD): Promise<ApiClient> {
  const answer = await login(email, password);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return bearer(answer.body.data.token);
}

test('an operator creates an account, with a key that works and a password that signs in', async () => {
  const { account, email, client } = await create({ first_name: 'Ada' });
  assert.deepEqual(
    [account.email, account.first_name, account.last_name, account.is_operator, account.is_disabled],
    [email, 'Ada', '', false, false],
  );
  assert.equal(account.has_password, true);
  assert.equal((await client.expect(200, 'GET', '/user/me')).data.user.id, account.id);
  const { status, body } = await login(email.toUpperCase(), PASSWORD);
  assert.equal(status, 200);
  assert.equal(body.data.user.id, account.id);
  const lasts = Date.parse(body.data.expires_at) - Date.now();
  assert.ok(lasts > 11.9 * 3_600_000 && lasts <= 12 * 3_600_000);
  assert.equal((await bearer(body.data.token).expect(200, 'GET', '/user/me')).data.user.email, email);
  assert.equal((await operator.expect(200, 'GET', `/accounts/${account.id}`)).data.account.email, email);
  // No account becomes an operator over the API.
  const { account: other } = await create({ is_operator: true });
  assert.equal(other.is_operator, false);
  assert.doesNotMatch(JSON.stringify([account, body]), /argon2|hash/);
});

test('each invalid field of an account is named, and an address belongs to one account', async () => {
  const { email } = await create();
  const again = { email: email.toUpperCase() };
  assertRefusal(await operator.call('POST', '/accounts', again), 'conflict');
  const wrong = { email: 'nobody', password: 'short', first_name: 7 };
  const refused = await operator.call('POST', '/accounts', wrong);
  assertRefusal(refused, 'invalid_request', ['email', 'password', 'first_name']);
  assert.match(refused.body.message, /email: expected an email address/);
  assertRefusal(await operator.call('POST', '/accounts', {}), 'invalid_request', ['email']);
});

test('only operators see and change accounts', async () => {
  const { account, client } = await create();
  for (const [method, path, body] of [
    ['GET', '/accounts'],
    ['POST', '/accounts', { email: 'x@example.com' }],
    ['GET', `/accounts/${account.id}`],
    ['PATCH', `/accounts/${account.id}`, { first_name: 'x' }],
  ] as const) {
    assertRefusal(await client.call(method, path, body), 'forbidden');
    assertRefusal(await nobody.call(method, path, body), 'unauthorized');
  }
});

test('accounts are listed like other lists', async () => {
  const mark = randomUUID();
  const made = ['c', 'a', 'b'].map((name) => `${name}-${mark}@example.com`);
  for (const email of made) await create({ email });
  const list = async (query: string) => {
    const { accounts, total } = (await operator.expect(200, 'GET', `/accounts?search=${mark}&${query}`)).data;
    return [accounts.map((one: { email: string }) => one.email[0]).join(''), total];
  };
  assert.deepEqual(await list(''), ['cab', 3]);
  assert.deepEqual(await list('sort_by=email&order_by=desc'), ['cba', 3]);
  assert.deepEqual(await list('offset=1&limit=1'), ['a', 3]);
  assert.deepEqual(await list('is_disabled=true'), ['', 0]);
  assertRefusal(await operator.call('GET', '/accounts?limit=101&offset=-1'), 'invalid_request', [
    'limit',
    'offset',
  ]);
  assertRefusal(await operator.call('GET', `/accounts/${randomUUID()}`), 'not_found');
  assertRefusal(await operator.call('PATCH', `/accounts/${randomUUID()}`, {}), 'not_found');
});

test('a wrong password, an unknown address, no password and a disabled account get one answer', async () => {
  const { email } = await create();
  const disabled = await create();
  await operator.expect(200, 'PATCH', `/accounts/${disabled.account.id}`, { is_disabled: true });
  const without = await create({ password: undefined });
  const answers = [
    await login(email, OTHER_PASSWORD),
    await login('nobody@example.com', PASSWORD),
    await login(without.email, PASSWORD),
    await login(disabled.email, PASSWORD),
    await login(disabled.email, OTHER_PASSWORD),
  ];
  for (const answer of answers) {
    assertRefusal(answer, 'unauthorized', []);
    assert.deepEqual(answer, answers[0]);
  }
});

test('a refused sign-in opens no login window in a browser', async () => {
  const response = await fetch(`${service.service.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'nobody@example.com', password: PASSWORD }),
  });
  assert.equal(response.status, 401);
  assert.equal(response.headers.get('www-authenticate'), 'Bearer');
});

test('a password change ends every earlier token, even within the same second, and returns a valid one', async () => {
  const { email, client } = await create();
  const sessions = [await sessionOf(email), await sessionOf(email)];
  for (const session of sessions) await session.expect(200, 'GET', '/user/me');
  let current = PASSWORD;
  // Two tokens in a row, which more often than not get the same second as `iat`.
  for (const next of [OTHER_PASSWORD, `${OTHER_PASSWORD}, and more`]) {
    const body = { current_password: current, new_password: next };
    const changed = (await sessions[0]?.expect(200, 'POST', '/auth/password', body))?.data;
    for (const session of sessions) assertRefusal(await session.call('GET', '/user/me'), 'unauthorized');
    const fresh = bearer(changed.token);
    await fresh.expect(200, 'GET', '/user/me');
    sessions.splice(0, 2, fresh, await sessionOf(email, next));
    assertRefusal(await login(email, current), 'unauthorized');
    current = next;
  }
  // A key is not a session.
  await client.expect(200, 'GET', '/user/me');
});

test('a password is changed by a caller who knows it, and to one that meets the rules', async () => {
  const { email } = await create();
  const session = await sessionOf(email);
  const change = (current: string, next: string) =>
    session.call('POST', '/auth/password', { current_password: current, new_password: next });
  assertRefusal(await change(OTHER_PASSWORD, 'a third one, of many words'), 'forbidden', []);
  assertRefusal(await change(PASSWORD, 'short'), 'invalid_request', ['new_password']);
  assertRefusal(await change(PASSWORD, 'x'.repeat(257)), 'invalid_request', ['new_password']);
  await session.expect(200, 'GET', '/user/me');
  const both = await Promise.all([change(PASSWORD, OTHER_PASSWORD), change(PASSWORD, `${OTHER_PASSWORD}!`)]);
  assert.equal(both.filter(({ status }) => status === 200).length, 1);
  const without = await create({ password: undefined });
  const body = { current_password: PASSWORD, new_password: OTHER_PASSWORD };
  assertRefusal(await without.client.call('POST', '/auth/password', body), 'forbidden', []);
});

test("an operator's new password for an account ends its tokens, too", async () => {
  const { account, email } = await create();
  const session = await sessionOf(email);
  await session.expect(200, 'GET', '/user/me');
  await operator.expect(200, 'PATCH', `/accounts/${account.id}`, { password: OTHER_PASSWORD });
  assertRefusal(await session.call('GET', '/user/me'), 'unauthorized');
  assertRefusal(await login(email, PASSWORD), 'unauthorized');
  await sessionOf(email, OTHER_PASSWORD);
});

test('a disabled account is refused at once, and works again once it is enabled', async () => {
  const { account, email, client } = await create();
  const session = await sessionOf(email);
  const callers = [client, session];
  // From here on, the service has the key in its cache.
  for (const caller of callers) await caller.expect(200, 'GET', '/user/me');
  const path = `/accounts/${account.id}`;
  const disabled = (await operator.expect(200, 'PATCH', path, { is_disabled: true })).data.account;
  assert.equal(disabled.is_disabled, true);
  for (const caller of callers) assertRefusal(await caller.call('GET', '/user/me'), 'unauthorized');
  await operator.expect(200, 'PATCH', path, { is_disabled: false, last_name: 'Lovelace' });
  for (const caller of callers) {
    assert.equal((await caller.expect(200, 'GET', '/user/me')).data.user.last_name, 'Lovelace');
  }
});

test('no operator disables their own account', async () => {
  const { user } = (await operator.expect(200, 'GET', '/user/me')).data;
  assertRefusal(await operator.call('PATCH', `/accounts/${user.id}`, { is_disabled: true }), 'conflict');
  await operator.expect(200, 'PATCH', `/accounts/${user.id}`, { first_name: 'Op', is_disabled: false });
});

test('events accepted for an account that is then disabled are still delivered', async () => {
  const receiver = await Receiver.start();
  const { account, client } = await create();
  const webhook = await client.createWebhook(receiver.url);
  receiver.trust(webhook.secret);
  await client.expect(200, 'POST', `/webhooks/${webhook.id}/pause`);
  const event = { type: 'file.received', media_id: 'm', user_id: account.id, qualities: '720p' };
  await operator.expect(202, 'POST', '/events', { ...event, event_id: 'e1' });
  await client.expect(200, 'POST', `/webhooks/${webhook.id}/resume`);
  await operator.expect(200, 'PATCH', `/accounts/${account.id}`, { is_disabled: true });
  await operator.expect(202, 'POST', '/events', { ...event, event_id: 'e2' });
  await receiver.until(() => receiver.types('m').length === 2);
  await receiver.stop();
});

test('an account that is disabled during its look-up is not cached as enabled', async (t) => {
  const looked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let heldId: string | null = null;
  const layer = (storage: Storage): Storage => {
    const find = async (id: string) => {
      const found = await storage.accounts.find(id);
      if (id === heldId) {
        looked.resolve();
        await released.promise;
      }
      return found;
    };
    const accounts = new Proxy(storage.accounts, {
      get: (target, name) => (name === 'find' ? find : Reflect.get(target, name)),
    });
    return { ...storage, accounts };
  };
  const slow = await startTestService({}, { layer });
  t.after(() => slow.stop());
  heldId = slow.client.credentials.userId;
  const before = slow.client.call('GET', '/user/me');
  await looked.promise;
  await slow.operator.expect(200, 'PATCH', `/accounts/${heldId}`, { is_disabled: true });
  released.resolve();
  // The request began before, and is checked again.
  assertRefusal(await before, 'unauthorized');
  assertRefusal(await slow.client.call('GET', '/user/me'), 'unauthorized');
});
