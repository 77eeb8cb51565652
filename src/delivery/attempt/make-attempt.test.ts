import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { Exchange } from './exchange.ts';
import { makeAttempt } from './make-attempt.ts';
import { RequestTargets } from './request-targets.ts';
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

/** Makes an attempt whose exchange comes from `send`. Each reading of its clock moves the clock by one second. */
function attemptBy(send: Sender['send'], attempted = delivery) {
  let time = Date.now();
  const now = () => {
    time += 1_000;
    return time;
  };
  const startedAt = time + 1_000;
  const sender = { send } as Sender;
  const exchanges: Exchange[] = [];
  const onExchange = (exchange: Exchange) => void exchanges.push(exchange);
  let holds = 0;
  const hold = async () => {
    holds += 1;
  };
  const options = {
    sender,
    hold,
    targets: new RequestTargets(),
    signingKeys: new SigningKeyCache(),
    schedule: DEFAULT_RETRY_SCHEDULE,
    now,
    random: () => 0,
    onExchange,
  };
  const made = new Promise<Settlement | null>((resolve, reject) =>
    makeAttempt(attempted, options, (settlement, defect) =>
      defect === null ? resolve(settlement) : reject(defect),
    ),
  );
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
  const { made, startedAt, exchanges } = attemptBy(({ target, headers, body }, onEnd) => {
    assert.equal(target.origin, 'https://receiver.example');
    assert.equal(
      target.head('receiver.example'),
      'POST /hook HTTP/1.1\r\nhost: receiver.example\r\nconnection: keep-alive\r\n' +
        'content-type: application/json\r\nuser-agent: Mediahooks (webhooks)\r\n',
    );
    assert.equal(headers['webhook-id'], delivery.event.id);
    new Webhook(delivery.webhook.secret).verify(body, headers);
    onEnd(answered(204));
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
  const { made, startedAt } = attemptBy((_, onEnd) => onEnd(answered(302)));
  const { attempt, verdict } = (await made) ?? assert.fail();
  assert.equal(attempt.error, 'the receiver answered 302; redirects are not followed');
  assert.deepEqual(verdict, { state: 'pending', nextAttemptAt: startedAt + 1_000 + 3_000 });
});

test('a request that cannot be made is a failed attempt, so that its lane does not wait forever', async () => {
  const unsigned = { ...delivery, webhook: { ...delivery.webhook, secret: '' } };
  const { made, exchanges } = attemptBy(() => assert.fail('nothing is sent'), unsigned);
  const { attempt, verdict } = (await made) ?? assert.fail();
  assert.equal(attempt.error, 'the request could not be made: the keys of the webhook can not be read');
  assert.deepEqual([attempt.status, attempt.response, verdict.state], [null, null, 'pending']);
  assert.deepEqual(exchanges, []);
});

test('a request that can not be sent for a cause on our own side is no attempt', async () => {
  const lacking: Exchange = { ...answered(0), status: null, error: 'EMFILE', ownCause: 'descriptors' };
  const { made, holds, exchanges } = attemptBy((_, onEnd) => onEnd(lacking));
  assert.equal(await made, null);
  assert.deepEqual([holds(), exchanges], [1, [lacking]]);
});
