import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ApiClient } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const PASSWORD = 'correct horse battery staple';
const OTHER_PASSWORD = 'another one, of many words';

let service: TestService;
let nobody: ApiClient;

before(async () => {
  service = await startTestService();
  nobody = new ApiClient(service.service.url, service.client.credentials, {});
});

after(() => service.stop());

const login = (email: string, password: string) => nobody.call('POST', '/auth/login', { email, password });

/** Creates an account, with a client for its key. */
async function create(fields: Record<string, unknown> = {}) {
  const email = `${randomUUID()}@example.com`;
  const body = { email, password: PASSWORD, ...fields };
  const { account, api_key: key } = (await service.operator.expect(201, 'POST', '/accounts', body)).data;
  const credentials = { userId: account.id, publicKey: key.public_key, secretKey: key.secret, token: '' };
  return { email, client: new ApiClient(service.service.url, credentials) };
}

test('refusals of a wrong password, an unknown address and no password take the same time, as each computes a hash', async () => {
  const { email } = await create();
  const without = await create({ password: undefined });
  const addresses = [email, 'nobody@example.com', without.email];
  const fastest = addresses.map(() => Number.POSITIVE_INFINITY);
  // The callers take turns, so that other work of the machine affects all of them.
  for (let round = 0; round < 8; round += 1) {
    for (const [n, address] of addresses.entries()) {
      const start = performance.now();
      assertRefusal(await login(address, OTHER_PASSWORD), 'unauthorized');
      fastest[n] = Math.min(fastest[n] ?? 0, performance.now() - start);
    }
  }
  // An answer without a hash would take a millisecond or two, instead of some forty.
  assert.ok(Math.min(...fastest) > Math.max(...fastest) / 3, `took ${fastest} ms`);
});

test('a hundred sign-ins at once do not delay other requests', async () => {
  const { email, client } = await create();
  const began = performance.now();
  const logins = Promise.all(Array.from({ length: 100 }, () => login(email, OTHER_PASSWORD)));
  let worst = 0;
  let done = false;
  logins.finally(() => {
    done = true;
  });
  while (!done) {
    const start = performance.now();
    await client.expect(200, 'GET', '/webhooks');
    worst = Math.max(worst, performance.now() - start);
  }
  const statuses = new Set((await logins).map(({ status }) => status));
  assert.deepEqual([...statuses].toSorted(), [401, 503]);
  const took = performance.now() - began;
  // Behind all sign-ins, a request would take as long as they do.
  assert.ok(worst < took / 2, `another request took ${worst} ms, all sign-ins ${took} ms`);
  assert.equal((await login(email, PASSWORD)).status, 200);
});
