import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NameServer } from '../support/receivers/name-server.ts';
import { QUICK_PASSWORDS, startTestService, type TestService } from '../support/service/service.ts';

/** A loopback address for receivers alone, so that no URL reaches another program of the machine. */
const RECEIVERS = '127.93.84.1';

/** Answers of receivers, by the path of a webhook's URL. */
const RECEIVER_ANSWERS: Record<string, number> = { '/ok': 200, '/fails': 500, '/gone': 410, '/moved': 302 };
export const RECEIVER_PATHS = Object.keys(RECEIVER_ANSWERS);

export interface FuzzedService extends TestService {
  readonly url: string;
  /** `host:port` of receivers, by address and by the only name that resolves. */
  readonly receivers: readonly [string, string];
}

/**
 * Starts the service on a disk, for requests without end: no rate limits, and low maximum numbers of webhooks and
 * keys, so that requests reach them. Nothing leaves the machine, because one port is allowed for webhooks, and only
 * one name resolves.
 */
export async function startFuzzedService(): Promise<FuzzedService> {
  const receiver = await startReceiver();
  const { port } = receiver.address() as AddressInfo;
  const zone = (name: string, family: 4 | 6) =>
    name === 'receiver.test' ? (family === 4 ? [RECEIVERS] : []) : 'absent';
  const names = await NameServer.start(zone);
  const settings = {
    MEDIAHOOKS_EGRESS_ALLOW: `${RECEIVERS}/32`,
    MEDIAHOOKS_EGRESS_PORTS: String(port),
    MEDIAHOOKS_RETRY_DELAYS: '',
    MEDIAHOOKS_RECOVERY_RATE: '1',
    MEDIAHOOKS_RATE_LIMIT_ACCOUNT: 'off',
    MEDIAHOOKS_RATE_LIMIT_ADDRESS: 'off',
    MEDIAHOOKS_RATE_LIMIT_UNAUTHORIZED: 'off',
    MEDIAHOOKS_MAX_WEBHOOKS: '20',
    MEDIAHOOKS_MAX_API_KEYS: '20',
    MEDIAHOOKS_MAX_OPEN_UPLOADS: '10',
    MEDIAHOOKS_MAX_MEDIA_BYTES: '10000000',
    MEDIAHOOKS_LOG_LEVEL: process.env.FUZZ_LOG_LEVEL ?? 'fatal',
  };
  const service = await startTestService(settings, {
    nameServers: [names.address],
    passwordCost: QUICK_PASSWORDS,
  });
  return {
    ...service,
    url: service.service.url,
    receivers: [`${RECEIVERS}:${port}`, `receiver.test:${port}`],
    stop: async () => {
      await service.stop();
      names.stop();
      receiver.closeAllConnections();
      receiver.close();
    },
  };
}

async function startReceiver(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    const status = RECEIVER_ANSWERS[new URL(request.url ?? '/', 'http://receiver').pathname] ?? 404;
    response.writeHead(status, { location: '/ok' }).end('received');
  });
  server.listen(0, RECEIVERS);
  await once(server, 'listening');
  return server;
}
