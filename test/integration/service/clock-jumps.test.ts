import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createAccountWithToken } from '../../../src/accounts/create-account.ts';
import { readConfig } from '../../../src/config/config.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { type Service, startService } from '../../../src/service/start-service.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { ALL_EVENTS, ApiClient } from '../../support/service/api-client.ts';
import { attemptsOf, deliveriesOf } from '../../support/service/deliveries.ts';
import { publish, publishedEvent } from '../../support/service/published-events.ts';
import { testEnvironment } from '../../support/service/service.ts';
import { freePort } from '../../support/service/service-process.ts';

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;

/** A service whose wall clock the test sets, and a receiver that refuses the events of some media. */
class World {
  readonly receiver: Receiver;
  readonly refused = new Set<string>();
  /** Unfinished answers by media. */
  readonly held = new Map<string, ServerResponse>();
  readonly #dataDir: string;
  readonly #port: number;
  #service: Service | null = null;
  #operator: ApiClient | null = null;
  #aheadS = 0;
  #suspendedMs = 0;
  #accounts = 0;

  private constructor(receiver: Receiver, dataDir: string, port: number) {
    this.receiver = receiver;
    this.#dataDir = dataDir;
    this.#port = port;
    receiver.answer(({ event: { media_id: mediaId, title } }, response) => {
      if (title === 'held') this.held.set(mediaId, response);
      else response.writeHead(this.refused.has(mediaId) ? 500 : 200).end();
    });
  }

  static async start(t: TestContext): Promise<World> {
    const dataDir = await mkdtemp(join(tmpdir(), 'mediahooks-test-'));
    const world = new World(await Receiver.start(), dataDir, await freePort());
    t.after(async () => {
      await Promise.all([world.receiver.stop(), world.#service?.stop()]);
      await rm(dataDir, { recursive: true });
    });
    await world.restart();
    world.#operator = await world.newClient(true);
    return world;
  }

  get now(): number {
    return Date.now() + this.#aheadS * 1_000;
  }

  /** Sets the wall clock. */
  setClock({ byS }: { readonly byS: number }): void {
    this.#aheadS += byS;
  }

  /** Sets the clocks as a suspension of the machine leaves them. */
  suspend({ forS }: { readonly forS: number }): void {
    this.#aheadS += forS;
    this.#suspendedMs += forS * 1_000;
  }

  /** Stops the service if it runs, calls `meanwhile`, and starts the service again. */
  async restart(meanwhile = () => {}): Promise<void> {
    await this.#service?.stop();
    meanwhile();
    const settings = { ...testEnvironment(this.#dataDir), MEDIAHOOKS_PORT: String(this.#port) };
    const upNow = () => performance.now() + this.#suspendedMs;
    this.#service = await startService(readConfig(settings), { clocks: { wallNow: () => this.now, upNow } });
  }

  async newClient(isOperator = false): Promise<ApiClient> {
    const { url, storage, tokens } = this.#service ?? assert.fail('the service is not running');
    this.#accounts += 1;
    const account = { email: `user${this.#accounts}@example.com`, isOperator, now: this.now };
    return new ApiClient(url, await createAccountWithToken({ storage, tokens }, account, null));
  }

  /** Creates an account with a webhook, and publishes events about media of this account. */
  async subscriber(
    media: string,
    { url = this.receiver.url, ...fields }: { url?: string; [field: string]: unknown } = {},
  ) {
    const client = await this.newClient();
    const { id } = await client.createWebhook(url, { ...ALL_EVENTS, ...fields });
    const webhook = async () => (await client.expect(200, 'GET', `/webhooks/${id}`)).data.webhook;
    const publishOne = async (mediaId = media, number = 1, fields = {}) => {
      const operator = this.#operator ?? assert.fail('there is no operator');
      const [answer] = [await publish(operator, [{ ...publishedEvent(client, mediaId, number), ...fields }])];
      assert.equal(answer?.status, 202, JSON.stringify(answer?.body));
    };
    const delivery = async () => (await deliveriesOf(client, id))[0] ?? assert.fail('there is no delivery');
    return { client, id, webhook, publishOne, delivery };
  }

  /** Number of requests about a media. */
  requests(mediaId: string): number {
    return this.receiver.received.filter(({ event }) => event.media_id === mediaId).length;
  }

  untilRequests(mediaId: string, count: number): Promise<void> {
    return this.receiver.until(() => this.requests(mediaId) >= count);
  }

  /** Fulfils when the service has claimed what is due from the database. */
  async untilClaimed(media: string): Promise<void> {
    const { client, publishOne, delivery } = await this.subscriber(media);
    await publishOne();
    await this.untilRequests(media, 1);
    await eventually('it is recorded', async () => (await delivery()).state === 'succeeded');
    await client.expect(202, 'POST', `/deliveries/${(await delivery()).id}/retry`);
    await this.untilRequests(media, 2);
  }
}

/**
 * Prepares something that waits, and returns a function that is called when the clock has been set back. The
 * function fulfils when the waiting has ended.
 */
type Waiting = (world: World, media: string) => Promise<() => Promise<void>>;

const WAITING: Record<string, Waiting> = {
  'a new event': async (world, media) => {
    const { publishOne } = await world.subscriber(media);
    return async () => {
      await publishOne();
      await world.untilRequests(media, 1);
    };
  },
  'a retry': async (world, media) => {
    world.refused.add(media);
    const { publishOne } = await world.subscriber(media, { retry_schedule: [2] });
    await publishOne();
    await world.untilRequests(media, 1);
    return () => world.untilRequests(media, 2);
  },
  'the next event of a media': async (world, media) => {
    const { publishOne } = await world.subscriber(media);
    await publishOne(media, 1, { title: 'held' });
    await world.untilRequests(media, 1);
    await publishOne(media, 2);
    return async () => {
      world.held.get(media)?.end();
      await world.untilRequests(media, 2);
    };
  },
  'a resend': async (world, media) => {
    const { client, publishOne, delivery } = await world.subscriber(media);
    await publishOne();
    await eventually('it is recorded', async () => (await delivery()).state === 'succeeded');
    const { id } = await delivery();
    return async () => {
      await client.expect(202, 'POST', `/deliveries/${id}/retry`);
      await world.untilRequests(media, 2);
    };
  },
  'a resend in place of a retry': async (world, media) => {
    world.refused.add(media);
    const { client, publishOne, delivery } = await world.subscriber(media, { retry_schedule: [DAY_S] });
    await publishOne();
    await eventually('it is recorded', async () => (await delivery()).attempt_count === 1);
    const { id } = await delivery();
    return async () => {
      await client.expect(202, 'POST', `/deliveries/${id}/retry`);
      await world.untilRequests(media, 2);
    };
  },
  'a resumed webhook': async (world, media) => {
    const { client, id, publishOne } = await world.subscriber(media);
    await client.expect(200, 'POST', `/webhooks/${id}/pause`);
    await publishOne();
    return async () => {
      await client.expect(200, 'POST', `/webhooks/${id}/resume`);
      await world.untilRequests(media, 1);
    };
  },
  'a recovery': async (world, media) => {
    world.refused.add(media);
    const { client, id, publishOne, delivery } = await world.subscriber(media, { retry_schedule: [] });
    await publishOne();
    await eventually('it has failed', async () => (await delivery()).state === 'failed');
    const since = new Date(world.now - 2 * HOUR_S * 1_000).toISOString();
    return async () => {
      await client.expect(202, 'POST', `/webhooks/${id}/recover`, { since });
      await world.untilRequests(media, 2);
    };
  },
  'an open circuit': async (world, media) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const { webhook, publishOne } = await world.subscriber(media, { url, retry_schedule: [0, 0, 0] });
    for (let n = 0; n < 10; n += 1) await publishOne(`${media} ${n}`);
    await eventually('it is open', async () => (await webhook()).circuit !== 'closed');
    return async () => {
      const server = createServer(
        (request, response) => void request.resume().once('end', () => response.end()),
      );
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      try {
        await eventually('it is closed', async () => (await webhook()).circuit === 'closed');
      } finally {
        server.closeAllConnections();
        server.close();
      }
    };
  },
};

test('the wall clock is set back an hour: nothing waits longer', async (t) => {
  const world = await World.start(t);
  const names = Object.keys(WAITING);
  const endings = await Promise.all(names.map((name) => WAITING[name]?.(world, name)));
  world.setClock({ byS: -HOUR_S });
  await Promise.all(endings.map((ends) => ends?.()));
});

test('the wall clock is set back before a start: retries and their waits continue', async (t) => {
  const world = await World.start(t);
  const soon = await world.subscriber('soon', { retry_schedule: [1] });
  world.refused.add('soon').add('later');
  const later = await world.subscriber('later', { retry_schedule: [2 * HOUR_S] });
  await Promise.all([soon.publishOne(), later.publishOne()]);
  for (const { delivery } of [soon, later])
    await eventually('it is recorded', async () => (await delivery()).attempt_count === 1);
  await world.restart(() => world.setClock({ byS: -HOUR_S }));
  await world.untilRequests('soon', 2);
  // The clock is set again while the service runs, and a third time while it does not.
  world.setClock({ byS: 10 * HOUR_S });
  await world.untilClaimed('first');
  await world.restart(() => world.setClock({ byS: -10 * HOUR_S }));
  await world.untilClaimed('second');
  assert.equal(world.requests('later'), 1);
});

test('the wall clock is set forward: retries are not early, and no webhook is paused for it', async (t) => {
  const world = await World.start(t);
  world.refused.add('patient').add('failing');
  const patient = await world.subscriber('patient', { retry_schedule: [HOUR_S] });
  const failing = await world.subscriber('failing', { retry_schedule: [1, DAY_S] });
  await Promise.all([patient.publishOne(), failing.publishOne()]);
  for (const { delivery } of [patient, failing])
    await eventually('it is recorded', async () => (await delivery()).attempt_count >= 1);
  world.setClock({ byS: 6 * DAY_S });
  await eventually('it was tried again', async () => (await failing.delivery()).attempt_count === 2);
  const { paused_at: pausedAt, failing_since: failingSince } = await failing.webhook();
  assert.equal(pausedAt, null);
  assert.ok(Math.abs(Date.parse(failingSince) - world.now) < 60_000, failingSince);
  await world.untilClaimed('first');
  await world.restart();
  await world.untilClaimed('second');
  assert.equal(world.requests('patient'), 1);
  const { next_attempt_at: nextAttemptAt } = await patient.delivery();
  const waitS = (Date.parse(String(nextAttemptAt)) - world.now) / 1_000;
  assert.ok(waitS > HOUR_S - 120 && waitS <= HOUR_S, `people see that it waits another ${waitS} s`);
});

test('the machine is suspended during requests: they are made again, and use up no try', async (t) => {
  const world = await World.start(t);
  const once = await world.subscriber('once', { retry_schedule: [] });
  const twice = await world.subscriber('twice', { retry_schedule: [0] });
  const subscribers = [once, twice];
  for (const { publishOne } of subscribers) await publishOne(undefined, 1, { title: 'held' });
  for (const media of ['once', 'twice']) await world.untilRequests(media, 1);
  world.suspend({ forS: HOUR_S });
  // The receivers refuse the next requests, so that each schedule is used up.
  world.receiver.answer((_request, response) => void response.writeHead(500).end());
  for (const media of ['once', 'twice']) world.held.get(media)?.destroy();
  for (const { delivery } of subscribers)
    await eventually('it has ended', async () => (await delivery()).state === 'failed');
  const statuses = async ({ client, delivery }: (typeof subscribers)[number]) =>
    (await attemptsOf(client, (await delivery()).id)).map(({ status }) => status);
  assert.deepEqual(await statuses(once), [null, 500]);
  assert.deepEqual(await statuses(twice), [null, 500, 500]);

  // A connection that breaks later is the receiver's.
  world.receiver.answer((_request, response) => void response.destroy());
  await once.publishOne('later');
  const later = await eventually('it has failed', async () => {
    const [, found] = await deliveriesOf(once.client, once.id);
    return found?.state === 'failed' ? found : null;
  });
  assert.equal(later.attempt_count, 1);
});
