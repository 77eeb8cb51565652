import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** One request that arrived, whatever its answer was. */
export interface Arrival {
  readonly webhookId: string;
  readonly verified: boolean;
  readonly event: {
    readonly type: string;
    readonly media_id: string;
    readonly qualities: string;
    readonly status: string;
  };
  /** Status code of the receiver's answer. */
  readonly answered: number;
}

/**
 * Starts a receiver like one that a developer would write: it verifies requests with the published library,
 * and answers fast. It refuses one event once, to show that the service retries the event, and that later
 * events wait for it.
 */
export async function startReceiver(onArrival: (arrival: Arrival) => void) {
  let receiving: Webhook | null = null;
  let refused = false;

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const event: Arrival['event'] = JSON.parse(body);
    const answered = event.type === 'partial.finished' && !refused ? 503 : 200;
    refused ||= answered === 503;
    response.writeHead(answered).end();
    const verified = verifies(receiving, body, request.headers as Record<string, string>);
    onArrival({ webhookId: String(request.headers['webhook-id']), verified, event, answered });
  }

  const server = createServer((request, response) => void receive(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    /** Sets the signing secret. The secret is known only after the webhook was created. */
    trust: (secret: string) => {
      receiving = new Webhook(secret);
    },
    stop: () => server.close().closeAllConnections(),
  };
}

function verifies(webhook: Webhook | null, body: string, headers: Record<string, string>): boolean {
  try {
    webhook?.verify(body, headers);
    return webhook !== null;
  } catch {
    return false;
  }
}
