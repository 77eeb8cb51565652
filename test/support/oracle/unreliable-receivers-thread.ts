import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { Webhook } from 'standardwebhooks';
import { seededRandom } from '../../../src/platform/testing/seeded-random.ts';
import { isVerified } from '../receivers/receiver.ts';
import type { SeenRequest } from './delivery-history.ts';

/**
 * Worker thread of `UnreliableReceivers`. It runs one server, and each path of the server is a receiver that
 * fails at random.
 */

export type Order =
  | { readonly kind: 'trust'; readonly path: string; readonly webhookId: string; readonly secret: string }
  | { readonly kind: 'tell' };

if (!parentPort) throw new Error('the receivers are to be started as a worker thread');
const port = parentPort;
const random = seededRandom(workerData.seed);

type Seen = { -readonly [field in keyof SeenRequest]: SeenRequest[field] };

const seen: Seen[] = [];
const trusted = new Map<string, { webhookId: string; verifier: Webhook }>();
/** Number of arrivals and acknowledgements so far. */
let ticks = 0;
/** Connections that have carried a request. */
const used = new WeakSet<Socket>();

const server = createServer((request, response) => void take(request, response));
// The server never closes an idle connection, because the service might be sending its next request on it.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1');
await once(server, 'listening');
port.on('message', (order: Order) => {
  if (order.kind === 'tell') port.postMessage(seen);
  else trusted.set(order.path, { webhookId: order.webhookId, verifier: new Webhook(order.secret) });
});
port.postMessage((server.address() as AddressInfo).port);

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A request is ignored if its sender was killed before the request was complete.
  const chunks = await request.toArray().catch(() => null);
  if (!chunks) return;
  const body = Buffer.concat(chunks).toString('utf8');
  const { media_id: mediaId, title: key } = JSON.parse(body);
  const receiver = trusted.get(request.url ?? '');
  const isReused = used.has(request.socket);
  used.add(request.socket);
  const one: Seen = {
    webhookId: receiver?.webhookId ?? String(request.url),
    id: String(request.headers['webhook-id']),
    key,
    mediaId,
    body,
    verified: receiver !== undefined && isVerified(receiver.verifier, body, request.headers),
    at: Date.now(),
    arrived: ++ticks,
    acknowledged: null,
    isSentAgain: false,
  };
  seen.push(one);
  answer(response, {
    acknowledge: () => {
      one.acknowledged = ++ticks;
      response.end('ok');
    },
    close: (destroy) => {
      one.isSentAgain = isReused;
      destroy();
    },
  });
}

interface Answers {
  readonly acknowledge: () => void;
  /** Closes the connection without an answer, by calling `destroy`. */
  readonly close: (destroy: () => void) => void;
}

/**
 * Answers a request. About a third of the requests fail, in all ways in which receivers fail, except 410,
 * which would pause the webhook.
 */
function answer(response: ServerResponse, { acknowledge, close }: Answers): void {
  const fate = random();
  if (fate < 0.1) response.writeHead(500).end('try again');
  else if (fate < 0.15) response.writeHead(302, { location: '/elsewhere' }).end();
  else if (fate < 0.21) close(() => response.socket?.resetAndDestroy());
  else if (fate < 0.26) close(() => response.destroy());
  else if (fate < 0.31) cutOff(response);
  // The request is never answered, so that the service reaches its time limit.
  else if (fate < 0.335) return;
  else if (fate < 0.45) setTimeout(acknowledge, 20 + random() * 60);
  else acknowledge();
}

function cutOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 100 });
  response.write('half an answer', () => response.destroy());
}
