import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fastify, { type FastifyInstance } from 'fastify';
import { Authenticator } from '../accounts/authenticate.ts';
import { ApiError } from '../errors.ts';
import { authenticate } from './authentication.ts';
import { answerErrors } from './error-answers.ts';
import { RateLimits } from './rate-limits.ts';

/** A route that takes a password in its body, as anyone may call it. */
let app: FastifyInstance;
let url: string;
let refused = 0;

before(async () => {
  const unauthorized = { perSecond: 0.001, burst: 5 };
  const rates = { account: null, address: null, unauthorized };
  const limits = new RateLimits({ rates, now: () => performance.now(), onRefused: () => (refused += 1) });
  app = fastify();
  answerErrors(app, (request) => limits.fail(request));
  // No request here brings a credential of its own.
  authenticate(app, new Authenticator({} as ConstructorParameters<typeof Authenticator>[0]), limits);
  app.post('/login', { config: { access: 'public' } }, async (request) => {
    await new Promise(setImmediate);
    const { password } = request.body as { password: string };
    if (password === 'malformed') throw new ApiError('invalid_request', 'expected a password');
    if (password !== 'right') throw new ApiError('unauthorized', 'wrong password');
    return { status: 'success' };
  });
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});

after(() => app.close());

async function login(password: string): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/login`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ password }),
  });
  await response.body?.cancel();
  return response.status;
}

test('logins that succeed, or are malformed, are no guesses', async () => {
  for (let n = 0; n < 10; n += 1)
    assert.deepEqual([await login('right'), await login('malformed')], [200, 400]);
});

test('of wrong passwords, sent at the same time, no more are looked at than the limit; then none, right or wrong', async () => {
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => login(`guess ${n}`)));
  assert.equal(answers.filter((status) => status === 401).length, 5);
  assert.equal(answers.filter((status) => status === 429).length, 25);
  assert.equal(await login('right'), 429);
  assert.equal(refused, 26);
});
