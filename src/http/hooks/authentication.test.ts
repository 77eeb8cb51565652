import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fastify from 'fastify';
import { Authenticator, type AuthenticatorOptions } from '../../accounts/authenticator.ts';
import { ServiceError } from '../../domain/errors.ts';
import { readConsoleCookies } from '../credentials/console-requests.ts';
import { KnownConnections } from '../credentials/known-connections.ts';
import { authenticate } from './authentication.ts';
import { answerErrors } from './error-answers.ts';
import { RateLimits } from './rate-limits.ts';

/** Wrong guesses that an address may make. */
const BURST = 5;

/** An authenticator that accepts no token. */
const NO_TOKENS = {
  tokens: { verify: async () => null },
  identityProvider: null,
  now: Date.now,
  monotonicNow: () => performance.now(),
};

/** Starts a server with a public route whose body contains a password. */
async function setUp(t: TestContext) {
  let refused = 0;
  const rates = { account: null, address: null, unauthorized: { perSecond: 0.001, burst: BURST } };
  const limits = new RateLimits({ rates, now: () => performance.now(), onRefused: () => (refused += 1) });
  const app = fastify();
  answerErrors(app, (request) => limits.fail(request));
  readConsoleCookies(app, { publicUrl: () => 'http://127.0.0.1', isOn: true });
  const authenticator = new Authenticator(NO_TOKENS as unknown as AuthenticatorOptions);
  authenticate(app, { authenticator, limits, connections: new KnownConnections(authenticator) });
  app.options('/login', { config: { access: 'public' } }, async () => ({ status: 'success' }));
  app.post('/login', { config: { access: 'public', takesPassword: true } }, async (request) => {
    await new Promise(setImmediate);
    const { password } = request.body as { password: string };
    if (password === 'malformed') throw new ServiceError('invalid_request', 'expected a password');
    if (password === 'of a session') throw new ServiceError('forbidden', 'the current password is wrong');
    if (password !== 'right') throw new ServiceError('unauthorized', 'wrong password');
    return { status: 'success' };
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => app.close());
  const call = async (method: string, init: RequestInit = {}): Promise<number> => {
    const response = await fetch(`${url}/login`, { method, ...init });
    await response.body?.cancel();
    return response.status;
  };
  const login = (password: string, headers: Record<string, string> = {}) =>
    call('POST', {
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ password }),
    });
  return { call, login, refused: () => refused };
}

const countOf = (answers: readonly number[], status: number) =>
  answers.filter((one) => one === status).length;

test('logins that succeed or are malformed do not count as guesses', async (t) => {
  const { login } = await setUp(t);
  for (let n = 0; n < 10; n += 1)
    assert.deepEqual([await login('right'), await login('malformed')], [200, 400]);
});

test('of concurrent wrong passwords only the limit is checked; afterwards no password is, right or wrong', async (t) => {
  const { login, refused } = await setUp(t);
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => login(`guess ${n}`)));
  assert.deepEqual([countOf(answers, 401), countOf(answers, 429)], [BURST, 25]);
  assert.equal(await login('right'), 429);
  assert.equal(refused(), 26);
});

test('an additional credential, even a refused one, does not allow more guesses', async (t) => {
  const { login } = await setUp(t);
  const answers: number[] = [];
  for (let n = 0; n < 30; n += 1) answers.push(await login(`guess ${n}`, { authorization: 'Bearer x' }));
  assert.deepEqual([countOf(answers, 401), countOf(answers, 429)], [BURST, 25]);
});

test('a wrong password that is answered 403 counts as a guess', async (t) => {
  const { login } = await setUp(t);
  const answers: number[] = [];
  for (let n = 0; n < 10; n += 1) answers.push(await login('of a session'));
  assert.deepEqual([countOf(answers, 403), countOf(answers, 429)], [BURST, 5]);
});

test("a browser's preflight request does not count as a guess", async (t) => {
  const { call, login } = await setUp(t);
  for (let n = 0; n < 20; n += 1) await login('wrong');
  assert.equal(await call('OPTIONS'), 200);
});
