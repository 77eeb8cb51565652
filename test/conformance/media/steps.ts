import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { EventType } from '../../../src/domain/event.ts';
import type { Media, MediaStep } from '../../../src/domain/media.ts';
import type { Publication } from '../../../src/storage/contracts/events.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import {
  newMedia,
  newQuality,
  newWebhook,
  publication,
  T0,
  USER,
} from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';

/** Every state of a media. In a `busy` state, one quality is in each status. */
const QUALITIES = (['waiting', 'transcoding', 'done', 'fail'] as const).map((status, position) =>
  newQuality(position, { status }),
);
const STATES = {
  'not received': {},
  received: { receivedAt: T0 },
  transcoding: { receivedAt: T0, status: 'transcoding', qualities: QUALITIES },
  done: { receivedAt: T0, status: 'done', qualities: QUALITIES },
  fail: { receivedAt: T0, status: 'fail', qualities: QUALITIES },
  deleted: { receivedAt: T0, status: 'deleted', qualities: QUALITIES },
} as const satisfies Record<string, Partial<Media>>;
type State = keyof typeof STATES;

/** A step without its media. */
type Move = MediaStep extends infer Step ? (Step extends MediaStep ? Omit<Step, 'mediaId'> : never) : never;

interface StepCase {
  readonly move: Move;
  readonly event: EventType;
  /** The only state from which the step starts. */
  readonly from: State;
  /** Fields that differ after the step. */
  readonly changes: Partial<Media>;
}

const SOUND = [
  newQuality(0, { resolution: 'highest', audioBitrate: 300_000 }),
  newQuality(1, { resolution: 'good' }),
];

const CASES: readonly StepCase[] = [
  {
    move: { kind: 'received', size: 9, by: null, audio: SOUND },
    event: 'file.received',
    from: 'not received',
    changes: { receivedAt: T0 + 1, size: 9, keptBytes: 9, type: 'audio', qualities: SOUND },
  },
  {
    move: { kind: 'received', size: 5_000_000_000, by: null },
    event: 'file.received',
    from: 'not received',
    changes: { receivedAt: T0 + 1, size: 5_000_000_000, keptBytes: 5_000_000_000 },
  },
  {
    move: { kind: 'started' },
    event: 'encoding.started',
    from: 'received',
    changes: { status: 'transcoding' },
  },
  {
    move: { kind: 'quality-done', position: 1 },
    event: 'partial.finished',
    from: 'transcoding',
    changes: { qualities: QUALITIES.map((q) => (q.position === 1 ? { ...q, status: 'done' } : q)) },
  },
  {
    move: { kind: 'finished' },
    event: 'encoding.finished',
    from: 'transcoding',
    changes: { status: 'done' },
  },
  {
    move: { kind: 'failed', reason: 'no picture' },
    event: 'encoding.failed',
    from: 'transcoding',
    changes: { status: 'fail', error: 'no picture' },
  },
];

async function createIn(storage: Storage, state: State): Promise<Media> {
  const media = newMedia(STATES[state]);
  await storage.media.create(media, null, null);
  return media;
}

function stepOf(media: Media, { move, event }: Pick<StepCase, 'move' | 'event'>): Publication {
  return publication(event, { mediaId: media.id }, { ...move, mediaId: media.id } as MediaStep);
}

async function withoutUpdatedAt(storage: Storage, id: string) {
  const { updatedAt: _, ...media } = (await storage.media.findAny(id)) ?? newMedia();
  return media;
}

export function testMediaSteps(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('steps of a media', () => {
    for (const stepCase of CASES) {
      const { move, from, changes } = stepCase;
      const name = 'audio' in move ? `${move.kind} sound` : move.kind;
      storageTest(`"${name}" is taken from "${from}", with its event`, async (storage) => {
        await storage.webhooks.create(newWebhook(), null, null);
        const media = await createIn(storage, from);
        const { updatedAt: _, ...before } = media;
        const { outcomes, ready } = await storage.events.commit([stepOf(media, stepCase)], T0 + 1);
        assert.deepEqual(outcomes, ['committed']);
        assert.equal(ready.length, 1);
        assert.deepEqual(await withoutUpdatedAt(storage, media.id), { ...before, ...changes });
      });

      storageTest(`"${name}" is refused from any other state, and emits nothing`, async (storage) => {
        await storage.webhooks.create(newWebhook(), null, null);
        for (const state of (Object.keys(STATES) as State[]).filter((other) => other !== from)) {
          const media = await createIn(storage, state);
          const before = await storage.media.findAny(media.id);
          const { outcomes, ready } = await storage.events.commit([stepOf(media, stepCase)], T0 + 1);
          assert.deepEqual({ state, outcomes, ready }, { state, outcomes: ['refused'], ready: [] });
          assert.deepEqual(await storage.media.findAny(media.id), before);
        }
        assert.equal(await storage.queue.nextDueAt(0), null);
      });
    }

    storageTest('a quality becomes done only from transcoding', async (storage) => {
      const media = await createIn(storage, 'transcoding');
      const done = (position: number) =>
        stepOf(media, { move: { kind: 'quality-done', position }, event: 'partial.finished' });
      const { outcomes } = await storage.events.commit([0, 1, 2, 3, 4, 1].map(done), T0 + 1);
      assert.deepEqual(outcomes, ['refused', 'committed', 'refused', 'refused', 'refused', 'refused']);
    });

    storageTest('a media that does not exist takes no step', async (storage) => {
      const steps = CASES.map((stepCase) => stepOf(newMedia(), stepCase));
      const { outcomes } = await storage.events.commit(steps, T0 + 1);
      assert.deepEqual(new Set(outcomes), new Set(['refused']));
    });

    storageTest('of concurrent calls that end a media, one succeeds', async (storage) => {
      const webhook = newWebhook();
      await storage.webhooks.create(webhook, null, null);
      const media = await createIn(storage, 'transcoding');
      const ends = CASES.filter(({ move }) => move.kind === 'finished' || move.kind === 'failed');
      const all = [...ends, ...ends, ...ends].map((end) => stepOf(media, end));
      const apart = await Promise.all(all.map((end) => storage.events.commit([end], T0 + 1)));
      const together = await storage.events.commit(all, T0 + 2);
      const outcomes = [...apart, together].flatMap((committed) => committed.outcomes);
      assert.equal(outcomes.filter((outcome) => outcome === 'committed').length, 1);
      const request = { limit: 10, before: null, state: null, event: null, mediaId: null };
      assert.equal((await storage.deliveries.list(USER, webhook.id, request)).items.length, 1);
    });
  });
}
