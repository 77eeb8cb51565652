import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Starts a receiver that acknowledges what is sent to `/ok`, never answers what is sent to `/hang`, and answers
 * everything else with 500.
 */
export async function startFixtureReceiver(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url === '/hang') return;
    request.resume().on('end', () => response.writeHead(request.url === '/ok' ? 204 : 500).end('no'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
