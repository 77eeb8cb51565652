import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { Agent, request } from 'undici';

/**
 * Task of a program that publishes events as fast as the service accepts them. It sends `inFlight` requests
 * at a time, each with `batch` events, until it has published `total` events or `seconds` have passed. Each
 * event is about a media of its own.
 */
export interface LoadTask {
  readonly url: string;
  readonly authorization: string;
  /** Ids of the accounts for which events are published, round robin. */
  readonly userIds: readonly string[];
  readonly total: number;
  readonly seconds: number;
  readonly batch: number;
  readonly inFlight: number;
}

export interface LoadResult {
  readonly accepted: number;
  /** Number of requests that were answered with 429 or 503, and were then retried. */
  readonly refused: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const task: LoadTask = JSON.parse(await text(process.stdin));
const agent = new Agent({ connections: task.inFlight });
const headers = { authorization: task.authorization, 'content-type': 'application/json' };
let begun = 0;
let accepted = 0;
let refused = 0;

function event(index: number) {
  return {
    type: 'file.received',
    event_id: randomUUID(),
    media_id: randomUUID(),
    media_type: 'video',
    qualities: '360p,720p',
    title: 'Benchmark',
    user_id: task.userIds[index % task.userIds.length],
  };
}

async function publish(count: number, first: number): Promise<void> {
  const events = Array.from({ length: count }, (_, n) => event(first + n));
  const body = JSON.stringify(task.batch === 1 ? events[0] : events);
  for (;;) {
    const answer = await request(`${task.url}/api/events`, {
      method: 'POST',
      headers,
      body,
      dispatcher: agent,
    });
    const said = await answer.body.text();
    if (answer.statusCode === 202) break;
    if (answer.statusCode !== 429 && answer.statusCode !== 503)
      throw new Error(`${answer.statusCode} ${said}`);
    refused += 1;
    const seconds = Number(answer.headers['retry-after'] ?? 1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
  accepted += count;
}

const startedAt = performance.now();
const endAt = startedAt + task.seconds * 1000;

async function publishAll(): Promise<void> {
  while (begun < task.total && performance.now() < endAt) {
    const count = Math.min(task.batch, task.total - begun);
    begun += count;
    await publish(count, begun - count);
  }
}

await Promise.all(Array.from({ length: task.inFlight }, publishAll));
const seconds = (performance.now() - startedAt) / 1000;
const { user, system } = process.cpuUsage();
const result: LoadResult = { accepted, refused, seconds, cpuSeconds: (user + system) / 1e6 };
process.stdout.write(JSON.stringify(result));
await agent.destroy();
