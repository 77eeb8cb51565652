import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Agent } from 'undici';

/**
 * Task of the bare loop, a program with which the service is compared. The program only sends POST requests, each as
 * large as a webhook request, to one receiver. It sends as fast as the receiver answers, with `inFlight` requests at
 * a time.
 */
export interface BareLoopTask {
  readonly url: string;
  readonly seconds: number;
  readonly inFlight: number;
  /**
   * Client that sends: undici's `dispatch`, or sockets to which the same bytes are written each time, and whose
   * answers are not parsed. No client in Node can be cheaper than such sockets.
   */
  readonly by: 'undici' | 'sockets';
}

export interface BareLoopResult {
  readonly sent: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const task: BareLoopTask = JSON.parse(await text(process.stdin));
const { origin, host, hostname, port, pathname: path } = new URL(task.url);
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

let sent = 0;

/** Sends one request after another until `end`, which is a time of `performance.now()`. */
type SendUntil = (end: number) => Promise<void>;

const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

function dispatchOne(): Promise<void> {
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

const dispatchUntil: SendUntil = async (end) => {
  while (performance.now() < end) await dispatchOne();
};

const request = [
  `POST ${path} HTTP/1.1`,
  `host: ${host}`,
  'connection: keep-alive',
  ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  `content-length: ${Buffer.byteLength(body)}`,
  '',
  body,
].join('\r\n');
const buffer = Buffer.alloc(64 * 1024);

/** The receiver's answers are short, so that each comes in one piece. */
const writeUntil: SendUntil = (end) =>
  new Promise((resolve, reject) => {
    const onAnswer = () => {
      sent += 1;
      if (performance.now() < end) socket.write(request);
      else socket.destroy();
      return true;
    };
    const socket = connect({ host: hostname, port: Number(port), onread: { buffer, callback: onAnswer } });
    socket.on('connect', () => socket.write(request));
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });

const sendUntil = task.by === 'undici' ? dispatchUntil : writeUntil;

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
