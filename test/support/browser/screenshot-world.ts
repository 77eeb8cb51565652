import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import type { ApiClient } from '../service/api-client.ts';
import type { TestService } from '../service/service.ts';

/** An account with webhooks and deliveries in every state. */
export interface World {
  readonly client: ApiClient;
  readonly receiverUrl: string;
  readonly healthy: string;
  readonly failing: string;
  readonly failedDelivery: string;
  stop(): Promise<void>;
}

/** Webhooks by the paths of their receivers, with the answers of these. */
const WEBHOOKS = {
  '/media/events': { name: 'Production', status: 200, body: 'ok' },
  '/billing': { name: 'Billing', status: 500, body: '{"error":"database is locked","trace":"7f3a9c"}' },
  '/search/index': { name: 'Search index', status: 204, body: '' },
  '/crm/hook': { name: 'CRM', status: 302, body: '' },
  '/archive': { name: 'Media archive', status: 200, body: 'stored' },
  '/legacy': { name: 'Legacy importer', status: 404, body: '<h1>Not Found</h1>' },
  '/staging': { name: 'Staging', status: 200, body: 'ok' },
  '/partner': { name: 'Partner API', status: 401, body: '{"message":"missing token"}' },
} as const;

const TITLES = [
  'Product tour',
  'Keynote 2026',
  'How we ship',
  'Interview, part 2',
  'Release notes in a minute',
];

/** Makes the account. The receivers answer as real ones do, good and bad. */
export async function makeWorld({ client, operator }: TestService): Promise<World> {
  const receiver = createServer((request, response) => {
    const { status, body } = WEBHOOKS[request.url as keyof typeof WEBHOOKS];
    request.resume().on('end', () => response.writeHead(status).end(body));
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const ids: Record<string, string> = {};
  for (const [path, { name, status }] of Object.entries(WEBHOOKS)) {
    const schedule = status === 401 ? 'exponential' : status < 300 ? 'default' : [0.4, 0.8];
    const events = { file_received: true, encoding_finished: true, partial_finished: name === 'Production' };
    const more =
      path === '/media/events' ? { signature: 'both', encoding_started: true, encoding_failed: true } : {};
    const fields = {
      name,
      retry_schedule: schedule,
      headers: { Authorization: 'Bearer 3f9c' },
      ...events,
      ...more,
    };
    ids[path] = (await client.createWebhook(receiverUrl + path, fields)).id;
  }
  await client.expect(200, 'POST', `/webhooks/${ids['/staging']}/pause`);
  await publish(client, operator);
  const failing = ids['/billing'] as string;
  const failedDelivery = await eventually('deliveries have failed', async () => {
    const { deliveries } = (await client.expect(200, 'GET', `/webhooks/${failing}/deliveries?state=failed`))
      .data;
    return deliveries.length > 8 && (deliveries[0].id as string);
  });
  return {
    client,
    receiverUrl,
    healthy: ids['/media/events'] as string,
    failing,
    failedDelivery,
    stop: async () => {
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
    },
  };
}

async function publish(client: ApiClient, operator: ApiClient): Promise<void> {
  for (let number = 0; number < 16; number += 1) {
    const media_id = `0190f0c2-7d3a-7e19-bf5e-6d38f4ab${(5800 + number * 37).toString(16).padStart(4, '0')}`;
    const event = (type: string, status: string, qualities: string) => ({
      ...{ event_id: `${media_id}-${type}`, type, media_id, status, qualities },
      ...{ title: TITLES[number % TITLES.length], media_type: 'video', user_id: client.credentials.userId },
    });
    const events = [
      event('file.received', 'new', '360p,720p'),
      event('partial.finished', 'transcoding', '720p'),
    ];
    if (number % 2 === 0) events.push(event('encoding.finished', 'done', '360p,720p'));
    assert.equal((await operator.call('POST', '/events', events)).status, 202);
  }
}
