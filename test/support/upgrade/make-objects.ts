import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { makeClip } from '../media/clips.ts';
import { ONE_PIXEL } from '../media/pictures.ts';
import { ALL_EVENTS, type ApiClient, formWithFile } from '../service/api-client.ts';

export interface Clients {
  readonly owner: ApiClient;
  readonly operator: ApiClient;
}

/** Ids of the objects that `createObjects` has made. Nothing of them changes by itself. */
export interface Made {
  readonly webhooks: Record<
    'acknowledges' | 'fails' | 'paused' | 'retries' | 'rotated' | 'removed',
    { readonly id: string; readonly secret: string }
  >;
  readonly media: Record<'video' | 'private' | 'audio' | 'failed' | 'open' | 'deleted', string>;
  readonly apiKeys: Record<'upload' | 'expiring', string>;
}

const SMALL = [{ resolution: '144p' }];
const STREAMS = [
  { resolution: '144p' },
  { resolution: '144p', container_type: 'mp4' },
  { resolution: '144p', type: 'dash', container_type: 'fmp4' },
];

/** Creates objects of every kind, in every state in which they stay. */
export async function createObjects(clients: Clients, receiverUrl: string): Promise<Made> {
  const webhooks = await createWebhooks(clients.owner, receiverUrl);
  const media = await createMedia(clients.owner);
  const apiKeys = await createApiKeys(clients.owner);
  await publish(clients, media.video);
  await settleDeliveries(clients.owner, webhooks);
  await resendFailed(clients.owner, webhooks.fails.id);
  await settleDeliveries(clients.owner, webhooks);
  for (const { id } of [webhooks.fails, webhooks.retries])
    await clients.owner.expect(200, 'POST', `/webhooks/${id}/pause`);
  // This bulk resend waits until its webhook is resumed.
  await startResend(clients.owner, webhooks.fails.id);
  await clients.owner.expect(200, 'DELETE', `/webhooks/${webhooks.removed.id}`);
  return { webhooks, media, apiKeys };
}

async function resendFailed(owner: ApiClient, id: string): Promise<void> {
  await startResend(owner, id);
  await eventually('the bulk resend has ended', async () => {
    const { data } = await owner.expect(200, 'GET', `/webhooks/${id}/recoveries`);
    return data.recoveries.every(({ state }: { state: string }) => state === 'done');
  });
}

function startResend(owner: ApiClient, id: string): Promise<unknown> {
  return owner.expect(202, 'POST', `/webhooks/${id}/recover`, { since: new Date(0).toISOString() });
}

async function createWebhooks(owner: ApiClient, url: string): Promise<Made['webhooks']> {
  const create = (name: string, path: string, fields = {}) =>
    owner.createWebhook(url + path, { ...ALL_EVENTS, name, retry_schedule: [], ...fields });
  const acknowledges = await create('Acknowledges', '/ok', { headers: { 'X-Of-Owner': 'a secret value' } });
  const fails = await create('Fails', '/fail', { encoding_started: false });
  const paused = await create('Paused', '/ok', { signature: 'both', max_in_flight: 2 });
  const retries = await create('Retries in a month', '/fail', { retry_schedule: [30 * 24 * 3600] });
  const rotated = await create('Rotated', '/ok', { signature: 'ed25519', retry_schedule: 'exponential' });
  const removed = await create('Removed', '/ok');
  for (const { id } of [paused, removed]) await owner.expect(200, 'POST', `/webhooks/${id}/pause`);
  await owner.expect(200, 'POST', `/webhooks/${rotated.id}/secret/rotate`, {
    overlap_seconds: 7 * 24 * 3600,
  });
  return { acknowledges, fails, paused, retries, rotated, removed };
}

async function createMedia(owner: ApiClient): Promise<Made['media']> {
  const clip = await makeClip({ width: 64, height: 64 });
  const described = {
    title: 'A clip',
    description: 'With all there is',
    tags: ['one', 'two'],
    metadata: [{ key: 'place', value: 'Đà Nẵng' }],
    is_mp4: true,
    qualities: STREAMS,
  };
  const media = {
    video: await owner.upload(clip, described),
    private: await owner.upload(clip, { title: 'Private', is_public: false, qualities: SMALL }),
    audio: await owner.upload(clip, { title: 'Audio', type: 'audio', qualities: SMALL }),
    failed: await owner.upload(randomBytes(1_000), { title: 'No clip', qualities: SMALL }),
    open: (await owner.createMedia({ title: 'Nothing was uploaded' })).id,
    deleted: await owner.upload(clip, { title: 'Deleted', qualities: SMALL }),
  };
  for (const [name, status] of Object.entries({
    video: 'done',
    private: 'done',
    audio: 'done',
    failed: 'fail',
  })) {
    const path = `/media/${media[name as keyof typeof media]}`;
    await eventually(`${name} is ${status}`, async () => {
      const { data } = await owner.expect(200, 'GET', path);
      return data.status === status;
    });
  }
  await owner.expect(200, 'DELETE', `/media/${media.deleted}`);
  const thumbnail = { method: 'POST', body: formWithFile(ONE_PIXEL) };
  assert.equal((await owner.send(`/media/${media.private}/thumbnail`, thumbnail)).status, 200);
  return media;
}

async function createApiKeys(owner: ApiClient): Promise<Made['apiKeys']> {
  const create = async (name: string, fields = {}) =>
    (await owner.expect(201, 'POST', '/api_keys', { api_key_name: name, ...fields })).data.api_key.id;
  const removed = await create('Removed');
  await owner.expect(200, 'DELETE', `/api_keys/${removed}`);
  return {
    upload: await create('Uploads', { type: 'only_upload' }),
    expiring: await create('Expires in 68 years', { ttl: '2147483647' }),
  };
}

/** Publishes events of a platform's own media, and of one of ours. */
async function publish({ owner, operator }: Clients, mediaId: string): Promise<void> {
  const event = { media_type: 'video', user_id: owner.credentials.userId };
  const types = ['file.received', 'encoding.started', 'encoding.finished'];
  const events = types.flatMap((type) => [
    { ...event, type, media_id: 'of the platform', event_id: `${type} 1`, title: 'Published' },
    { ...event, type, media_id: mediaId, event_id: `${type} 2` },
  ]);
  assert.equal((await operator.call('POST', '/events', events)).status, 202);
}

/** Waits until nothing is to be sent, except to webhooks that are paused or wait for a retry. */
async function settleDeliveries(owner: ApiClient, webhooks: Made['webhooks']): Promise<void> {
  for (const { id } of [webhooks.acknowledges, webhooks.fails, webhooks.rotated]) {
    await eventually('the deliveries have ended', async () => {
      const { data } = await owner.expect(200, 'GET', `/webhooks/${id}/deliveries?state=pending`);
      return data.deliveries.length === 0;
    });
  }
  await eventually('the first attempts were recorded', async () => {
    const { data } = await owner.expect(200, 'GET', `/webhooks/${webhooks.retries.id}`);
    return data.webhook.last_error !== null;
  });
}
