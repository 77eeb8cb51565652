import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { Exchange } from './exchange.ts';
import { makeAttempt } from './make-attempt.ts';
import { DEFAULT_RETRY_SCHEDULE } from './retry-policy.ts';
import type { Sender } from './sender.ts';
import { newSigningSecret, SigningKeyCache } from './signature.ts';

const delivery: ReadyDelivery = {
  id: 'd1',
  seq: 1,
  event: { id: 'e1', mediaId: 'm', body: '{"title":"Grüße 🎬"}' },
  webhook: { id: 'w', url: 'https://receiver.example/hook', secret: newSigningSecret() },
  attempts: 2,
  attemptsBefore: 0,
};

/** Makes an attempt whose exchange comes from `post`. Each reading of its clock moves the clock by one second. */
function attemptBy(post: Sender['post']) {
  let time = Date.now();
  const now = () => {
    time += 1_000;
    return time;
  };
  const startedAt = time + 1_000;
  const sender = { post } as Sender;
  const exchanges: Exchange[] = [];
  const onExchange = (exchange: Exchange) => void exchanges.push(exchange);
  let holds = 0;
  const hold = async () => {
    holds += 1;
  };
  const options = {
    sender,
    hold,
    signingKeys: new SigningKeyCache(),
    schedule: DEFAULT_RETRY_SCHEDULE,
    now,
    random: () => 0,
    onExchange,
  };
  const made = makeAttempt(delivery, options);
  return { made, startedAt, exchanges, holds: () => holds };
}

const answered = (status: number): Exchange => ({
  status,
  response: 'hm',
  retryAfter: null,
  error: null,
  durationMs: 5,
  failure: null,
  ownCause: null,
  isInterrupted: false,
});

test('an attempt has a number, a signature for its time, and the answer', async () => {
  const { made, startedAt, exchanges } = attemptBy(async (url, headers, body) => {
    assert.equal(url, delivery.webhook.url);
    assert.equal(headers['webhook-id'], delivery.event.id);
    new Webhook(delivery.webhook.secret).verify(body, headers);
    return answered(204);
  });
  const { attempt, verdict } = (await made) ?? assert.fail();
  assert.deepEqual(attempt, {
    number: 3,
    at: startedAt,
    durationMs: 5,
    status: 204,
    response: 'hm',
    error: null,
    revision: null,
  });
  assert.deepEqual(verdict, { state: 'succeeded' });
  assert.deepEqual(exchanges, [answered(204)]);
});

test('an answer that does not acknowledge is explained, and the retry is counted from its end', async () => {
  const { made, startedAt } = attemptBy(async () => answered(302));
  const { attempt, verdict } = (await made) ?? assert.fail();
  assert.equal(attempt.error, 'the receiver answered 302; redirects are not followed');
  assert.deepEqual(verdict, { state: 'pending', nextAttemptAt: startedAt + 1_000 + 3_000 });
});

test('a request that cannot be made is a failed attempt, so that its lane does not wait forever', async () => {
  const { made, exchanges } = attemptBy(async () => {
    throw new TypeError('Invalid URL');
  });
  const { attempt, verdict } = (await made) ?? assert.fail();
  assert.equal(attempt.error, 'the request could not be made: Invalid URL');
  assert.deepEqual([attempt.status, attempt.response, verdict.state], [null, null, 'pending']);
  assert.deepEqual(exchanges, []);
});

test('a request that can not be sent for a cause on our own side is no attempt', async () => {
  const lacking: Exchange = { ...answered(0), status: null, error: 'EMFILE', ownCause: 'descriptors' };
  const { made, holds, exchanges } = attemptBy(async () => lacking);
  assert.equal(await made, null);
  assert.deepEqual([holds(), exchanges], [1, [lacking]]);
});
