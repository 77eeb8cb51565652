import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { Agent } from 'undici';

/**
 * Task of the bare loop, a program with which the service is compared. The program uses only undici's
 * `dispatch` to send POST requests, each as large as a webhook request, to one receiver. It sends as fast as
 * the receiver answers, with `inFlight` requests at a time.
 */
export interface BareLoopTask {
  readonly url: string;
  readonly seconds: number;
  readonly inFlight: number;
}

export interface BareLoopResult {
  readonly sent: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const task: BareLoopTask = JSON.parse(await text(process.stdin));
const { origin, pathname: path } = new URL(task.url);
const body = JSON.stringify({
  type: 'file.received',
  emitted_at: new Date().toISOString(),
  media_id: randomUUID(),
  media_type: 'video',
  qualities: '360p,720p',
  title: 'Benchmark',
  status: 'new',
  user_id: randomUUID(),
});
const headers = {
  'content-type': 'application/json',
  'user-agent': 'Mediahooks (webhooks)',
  'webhook-id': randomUUID(),
  'webhook-timestamp': '1795508922',
  'webhook-signature': 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
};
const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

let sent = 0;

function sendOne(): Promise<void> {
  return new Promise((resolve, reject) => {
    agent.dispatch(
      { origin, path, method: 'POST', headers, body },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd() {
          sent += 1;
          resolve();
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      },
    );
  });
}

async function sendUntil(end: number): Promise<void> {
  while (performance.now() < end) await sendOne();
}

async function sendFor(seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  await Promise.all(Array.from({ length: task.inFlight }, () => sendUntil(end)));
}

// The measurement follows a warm-up of one second, because the service also has compiled code and open
// connections when it is measured.
await sendFor(1);
sent = 0;
const startedAt = performance.now();
const before = process.cpuUsage();
await sendFor(task.seconds);
const { user, system } = process.cpuUsage(before);
const seconds = (performance.now() - startedAt) / 1000;
const result: BareLoopResult = { sent, seconds, cpuSeconds: (user + system) / 1e6 };
process.stdout.write(JSON.stringify(result));
await agent.destroy();
