import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Agent } from 'undici';
import { pace, percentiles, sharedClock } from './pace.ts';

/**
 * Task of a program that sends requests with undici alone, at an even rate. The program measures the time
 * from the start of a request until its first byte arrives. The sender has a thread of its own.
 */
export interface BareProbeTask {
  readonly perSecond: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

if (isMainThread) await receive();
else await send(workerData);

async function receive(): Promise<void> {
  const task: BareProbeTask = JSON.parse(await text(process.stdin));
  const times: number[] = [];
  const receiver = createServer((request, response) => {
    const at = sharedClock();
    request.resume();
    request.on('end', () => {
      const sentAt = request.headers['sent-at'];
      if (sentAt !== undefined) times.push(at - Number(sentAt));
      response.end();
    });
  });
  receiver.keepAliveTimeout = 60_000;
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as AddressInfo;
  const sender = new Worker(new URL(import.meta.url), { workerData: { ...task, port } });
  await once(sender, 'exit');
  receiver.closeAllConnections();
  receiver.close();
  process.stdout.write(JSON.stringify(percentiles(times)));
}

async function send(task: BareProbeTask & { port: number }): Promise<void> {
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const origin = `http://127.0.0.1:${task.port}`;
  const body = JSON.stringify({ type: 'file.received', media_id: randomUUID(), padding: 'x'.repeat(200) });
  const inFlight = new Set<Promise<void>>();
  const start = (counted: boolean) => {
    const timed: Record<string, string> = counted ? { 'sent-at': String(sharedClock()) } : {};
    const sending = new Promise<void>((resolve, reject) => {
      agent.dispatch(
        {
          origin,
          path: '/',
          method: 'POST',
          headers: { 'content-type': 'application/json', ...timed },
          body,
        },
        {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData() {},
          onResponseEnd: () => resolve(),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    }).finally(() => inFlight.delete(sending));
    inFlight.add(sending);
  };
  await pace(task.perSecond, task.warmUpSeconds, () => start(false));
  await pace(task.perSecond, task.seconds, () => start(true));
  await Promise.all(inFlight);
  await agent.destroy();
}
