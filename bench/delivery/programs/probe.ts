import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createListener, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { type Percentiles, pace, percentiles } from './pace.ts';

/**
 * Task of a program that publishes events at an even rate, one per request, and receives their webhooks, too.
 * So one clock measures the time from the 202 of the service to the first byte of the webhook. The program
 * never answers a webhook whose path begins with `/hang`.
 */
export interface ProbeTask {
  readonly url: string;
  readonly authorization: string;
  /**
   * Addresses of the loopback interface on which the program receives webhooks. The webhooks point to these,
   * with `port`.
   */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly userIds: readonly string[];
  /** Accounts of `userIds` whose webhooks are never answered. */
  readonly hanging: readonly string[];
  readonly perSecond: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Milliseconds after which a receiver closes an idle connection. */
  readonly keepAliveMs?: number;
}

/**
 * Milliseconds from the 202 to the first byte of the webhook. Events for webhooks that are never answered do
 * not count.
 */
export interface ProbeResult extends Percentiles {
  /** Number of events that never arrived. */
  readonly missing: number;
  readonly errors: number;
  /** Milliseconds from the request to its 202. */
  readonly publishing: Percentiles;
  /** Times of the events of each minute. */
  readonly minutes: readonly Percentiles[];
}

const task: ProbeTask = JSON.parse(await text(process.stdin));
const hanging = new Set(task.hanging);
const acceptedAt = new Map<string, number>();
const arrivedAt = new Map<string, number>();
const publishedIn: number[] = [];

const receiver = createServer((request, response) => {
  const at = performance.now();
  if (request.url?.startsWith('/hang')) {
    request.resume();
    return;
  }
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const { media_id: mediaId } = JSON.parse(body);
    if (!arrivedAt.has(mediaId)) arrivedAt.set(mediaId, at);
    response.end();
  });
});
receiver.keepAliveTimeout = task.keepAliveMs ?? 60_000;
/** Connections of the listeners. The receiver does not know them all, because it does not listen itself. */
const sockets = new Set<Socket>();
const listeners = task.hosts.map((host) =>
  createListener((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    receiver.emit('connection', socket);
  }).listen(task.port, host, 1024),
);
await Promise.all(listeners.map((listener) => once(listener, 'listening')));

const agent = new Agent({ connections: 64 });
const headers = { authorization: task.authorization, 'content-type': 'application/json' };
const inFlight = new Set<Promise<void>>();
let errors = 0;

async function publish(index: number, isCounted: boolean): Promise<void> {
  const userId = task.userIds[index % task.userIds.length] as string;
  const mediaId = randomUUID();
  const fields = { media_type: 'video', qualities: '360p,720p', title: 'Benchmark', user_id: userId };
  const body = JSON.stringify({
    type: 'file.received',
    event_id: randomUUID(),
    media_id: mediaId,
    ...fields,
  });
  const askedAt = performance.now();
  const answer = await request(`${task.url}/api/events`, {
    method: 'POST',
    headers,
    body,
    dispatcher: agent,
  });
  const at = performance.now();
  await answer.body.text();
  if (isCounted) publishedIn.push(at - askedAt);
  if (answer.statusCode !== 202) errors += 1;
  else if (isCounted && !hanging.has(userId)) acceptedAt.set(mediaId, at);
}

function start(index: number, isCounted: boolean): void {
  const publishing = publish(index, isCounted).finally(() => inFlight.delete(publishing));
  inFlight.add(publishing);
}

await pace(task.perSecond, task.warmUpSeconds, (index) => start(index, false));
await pace(task.perSecond, task.seconds, (index) => start(index, true));
await Promise.all(inFlight);
const isMissing = () => Array.from(acceptedAt.keys()).filter((mediaId) => !arrivedAt.has(mediaId));
for (let waited = 0; waited < 200 && isMissing().length > 0; waited += 1) await delay(50);

const missing = isMissing();
for (const mediaId of missing) acceptedAt.delete(mediaId);
// If the first byte arrived before the 202 was read, the time counts as 0.
const publishing = percentiles(publishedIn);
const times = Array.from(acceptedAt, ([mediaId, at]) => ({
  at,
  ms: Math.max(0, (arrivedAt.get(mediaId) as number) - at),
}));
const [first] = times;
const minutes = Map.groupBy(times, ({ at }) => Math.floor((at - (first?.at ?? 0)) / 60_000));
const result: ProbeResult = {
  ...percentiles(times.map(({ ms }) => ms)),
  missing: missing.length,
  errors,
  publishing,
  minutes: Array.from(minutes.values(), (minute) => percentiles(minute.map(({ ms }) => ms))),
};
process.stdout.write(JSON.stringify(result));
for (const socket of sockets) socket.destroy();
for (const listener of listeners) listener.close();
await agent.destroy();
