import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadyDelivery, Settlement, Verdict, WebhookTarget } from '../../../../domain/delivery.ts';
import type { Committed } from '../../../contracts/events.ts';
import { deliveryId } from '../../../kysely/tables/delivery-keys.ts';
import { publication, T0 } from '../../../testing/records.ts';
import { CommittedPacker, CommittedUnpacker } from './committed.ts';
import { callerPackings, carrierPackings } from './packings.ts';
import { packPublications, unpackPublications } from './publications.ts';
import { packSettlements, unpackSettlements } from './settlements.ts';

/** Returns a value as it arrives in another thread. */
const sent = <T>(value: T): T => structuredClone(value);

const target = (n: number): WebhookTarget => ({
  id: `webhook-${n}`,
  url: `http://127.0.0.1/${n}`,
  secret: 'whsec',
});

test('publications arrive as they were sent', () => {
  const publications = [
    publication('file.received', { idempotencyKey: 'key' }),
    publication('encoding.failed', { idempotencyKey: null, body: '{"title":"Füße ☃"}' }),
    { ...publication('encoding.finished'), step: { kind: 'finished', mediaId: 'media-1' } as const },
  ];
  assert.deepEqual(unpackPublications(sent(packPublications(publications))), publications);
  assert.deepEqual(unpackPublications(packPublications([])), []);
});

test('settlements arrive as they were sent, whatever their verdicts', () => {
  const verdicts: Verdict[] = [
    { state: 'succeeded' },
    { state: 'failed' },
    { state: 'pending', nextAttemptAt: 0 },
    { state: 'pending', nextAttemptAt: T0 },
  ];
  const receivers = ['works', 'fails', 'gone', 'unknown'] as const;
  const settlements = verdicts.flatMap((verdict, n) =>
    receivers.map((receiver): Settlement => {
      const isGood = receiver === 'works';
      const attempt = {
        number: n + 1,
        at: T0,
        durationMs: 1.5,
        status: isGood ? 200 : null,
        response: isGood ? '' : null,
        error: isGood ? null : 'no answer',
        revision: n === 0 ? null : n,
      };
      return { seq: n, webhookId: `webhook-${n}`, attempt, verdict, receiver };
    }),
  );
  assert.deepEqual(unpackSettlements(sent(packSettlements(settlements))), settlements);
});

function delivery(seq: number, event: ReadyDelivery['event'], webhook: WebhookTarget): ReadyDelivery {
  return { id: deliveryId(seq, T0), seq, event, webhook, attempts: 0, attemptsBefore: 0 };
}

/** Returns the message of a publication, in an object of its own, as the storage makes it. */
const messageOf = ({ event: { id, mediaId, body } }: ReturnType<typeof publication>) => ({
  id,
  mediaId,
  body,
});

test('an answer arrives as it was sent, also for publications that are equal or have no ready delivery', () => {
  const first = publication('file.received');
  const publications = [first, publication('encoding.started'), first, publication('file.received')];
  const messages = publications.map(messageOf) as [ReadyDelivery['event'], ...ReadyDelivery['event'][]];
  const webhooks = [target(1), target(2)] as const;
  const answers: Committed[] = [
    { outcomes: ['committed', 'committed', 'committed', 'committed'], ready: [] },
    {
      outcomes: ['committed', 'repeated', 'committed', 'refused'],
      ready: [
        delivery(7, messages[0], webhooks[0]),
        delivery(8, messages[0], webhooks[1]),
        delivery(9, messages[2] ?? messages[0], webhooks[0]),
      ],
      hasMoreReady: true,
    },
    { outcomes: ['committed'], ready: [delivery(10, messages[0], webhooks[1])] },
  ];
  const caller = callerPackings().get('events.commit');
  const carrier = carrierPackings().get('events.commit');
  const args = [publications, T0, T0, [4]];
  assert.deepEqual(carrier?.unpackArgs(sent(caller?.packArgs(args) ?? [])), args);
  for (const answer of answers)
    assert.deepEqual(caller?.unpackAnswer(sent(carrier?.packAnswer(answer, args)), args), answer);
});

test('a target is sent once while it is remembered, and again after it was changed or forgotten', () => {
  const packer = new CommittedPacker();
  const unpacker = new CommittedUnpacker();
  const publications = [publication('file.received')] as const;
  const message = messageOf(publications[0]);
  const exchange = (webhooks: readonly WebhookTarget[]) => {
    const ready = webhooks.map((webhook, n) => delivery(n, message, webhook));
    const packed = sent(packer.pack({ outcomes: ['committed'], ready }, publications));
    const answer = unpacker.unpack(packed, publications, T0);
    assert.deepEqual(
      answer.ready.map(({ webhook }) => webhook),
      webhooks,
    );
    return packed.targets.length;
  };
  const webhooks = Array.from({ length: 5_000 }, (_, n) => target(n));
  const few = webhooks.slice(0, 3);
  assert.equal(exchange([...few, ...few]), 3);
  assert.equal(exchange(few), 0);
  assert.equal(exchange([{ ...target(0), url: 'http://127.0.0.1/changed' }, ...few]), 1);
  // There are more targets than slots, so that the first ones are forgotten while the answer is packed.
  assert.equal(exchange([...webhooks, ...few]), 4_997 + 3);
  assert.equal(exchange(few), 0);
});
