import assert from 'node:assert/strict';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { makeClip } from '../media/clips.ts';
import { Receiver } from '../receivers/receiver.ts';
import { type ApiClient, formWithFile } from '../service/api-client.ts';
import { untilAllEnded } from '../service/deliveries.ts';
import { TestIdentityProvider } from '../service/identity-provider.ts';
import { QUICK_PASSWORDS, startTestService, type TestService } from '../service/service.ts';
import { type Caller, makeCallers } from './callers.ts';

/** Kinds of objects that ids in paths name. The owner has one object of each kind. */
export type OwnedKind =
  | 'webhook'
  | 'delivery'
  /** A media that is encoded and not public. */
  | 'media'
  | 'publicMedia'
  /** A media without a file. */
  | 'draft'
  /** A media whose file is uploaded, but whose upload is not completed. */
  | 'filled'
  | 'apiKey'
  | 'inbox'
  | 'account';

/** A running service with an owner, the owner's objects, and a caller of every kind. */
export interface World {
  readonly test: TestService;
  readonly receiver: Receiver;
  readonly receiverUrl: string;
  readonly owner: ApiClient;
  readonly email: string;
  readonly password: string;
  readonly callers: readonly Caller[];
  readonly ids: Readonly<Record<OwnedKind, string>>;
  /** Token in the URL of the owner's inbox. */
  readonly inboxToken: string;
  /** Token of a signed link to `ids.media`. `linkOfAnother` is a token for another media of the owner. */
  readonly link: string;
  readonly linkOfAnother: string;
  /** Event that an operator is allowed to publish for the owner. */
  readonly event: object;
  readonly part: () => FormData;
  readonly picture: () => FormData;
  /** Creates another object of the same kind, for a call that might change or remove it. */
  fresh(kind: OwnedKind): Promise<string>;
  /** Texts that only the owner is allowed to read, and operators when they read accounts. */
  readonly marks: readonly string[];
  stop(): Promise<void>;
}

/** Milliseconds for which the database waits for a lock, short because a test locks the database. */
const BUSY_TIMEOUT_MS = 100;
const PASSWORD = 'correct horse battery staple';
const BYTES = Buffer.from('no media, but a file');

export async function createWorld(): Promise<World> {
  const provider = await TestIdentityProvider.start();
  const receiver = await Receiver.start();
  // The first attempt fails, so that one delivery has two attempts.
  receiver.answer((_request, response, nth) => response.writeHead(nth === 1 ? 500 : 200).end());
  const test = await startTestService(
    {
      MEDIAHOOKS_JWKS_URL: provider.url.href,
      MEDIAHOOKS_JWT_ISSUER: TestIdentityProvider.issuer,
      MEDIAHOOKS_JWT_AUDIENCE: TestIdentityProvider.audience,
      MEDIAHOOKS_RETRY_DELAYS: '0,0,0',
      // The limits are off, because the tests make more calls than any client, and create objects for each
      // call.
      MEDIAHOOKS_RATE_LIMIT_ACCOUNT: 'off',
      MEDIAHOOKS_RATE_LIMIT_ADDRESS: 'off',
      MEDIAHOOKS_MAX_WEBHOOKS: '0',
      MEDIAHOOKS_MAX_API_KEYS: '0',
    },
    { busyTimeoutMs: BUSY_TIMEOUT_MS, passwordCost: QUICK_PASSWORDS },
  );
  const { client: owner } = test;
  const parts = { test, provider, owner: owner.credentials, password: PASSWORD };
  const callers = await makeCallers(parts);
  const { user } = (await owner.expect(200, 'GET', '/user/me')).data;

  const makers = makersFor(owner, receiver.url);
  const { inbox } = (await owner.expect(201, 'POST', '/inboxes')).data;
  const webhook = await makers.webhook();
  const media = await encoded(owner, receiver, false);
  const ids = {
    webhook,
    media: media.id,
    publicMedia: (await encoded(owner, receiver, true)).id,
    delivery: await deliveryOf(owner, webhook),
    draft: await makers.draft(),
    filled: await makers.filled(),
    apiKey: await makers.apiKey(),
    inbox: inbox.id,
    account: owner.credentials.userId,
  };
  await recovered(owner, webhook);
  await owner.expect(200, 'POST', `/webhooks/check/${webhook}`);
  await test.operator.expect(201, 'POST', `/accounts/${user.id}/console-links`);
  const { secret } = (await owner.expect(200, 'GET', `/webhooks/${webhook}/secret`)).data;
  const picture = await pictureOf(owner, media.id, test);
  return {
    ...{ test, receiver, receiverUrl: receiver.url, owner, callers, ids },
    ...{ email: user.email, password: PASSWORD },
    inboxToken: inbox.url.split('/').at(-1),
    link: tokenIn(media.link),
    linkOfAnother: tokenIn((await encoded(owner, receiver, false)).link),
    event: { type: 'file.received', event_id: 'e', media_id: 'm', qualities: '720p', user_id: user.id },
    part: () => formWithFile(BYTES),
    picture: () => formWithFile(picture),
    fresh: async (kind) => makers[kind as keyof typeof makers]?.() ?? ids[kind],
    marks: [...Object.values(ids), user.email, secret, owner.credentials.publicKey, 'of-the-owner'],
    stop: async () => {
      await test.stop();
      await receiver.stop();
      await provider.stop();
    },
  };
}

/** Returns functions that create the objects which calls of the owner change or remove. */
function makersFor(owner: ApiClient, url: string) {
  const draft = async () => (await owner.createMedia({ title: 'of-the-owner' })).id;
  return {
    webhook: async () => {
      const fields = { name: 'of-the-owner', encoding_finished: true, encoding_failed: true };
      return (await owner.createWebhook(url, fields)).id;
    },
    inbox: async () => {
      const { inboxes } = (await owner.expect(200, 'GET', '/inboxes')).data;
      for (const { id } of inboxes.slice(1)) await owner.expect(200, 'DELETE', `/inboxes/${id}`);
      return (await owner.expect(201, 'POST', '/inboxes')).data.inbox.id as string;
    },
    draft,
    filled: async () => {
      const id = await draft();
      assert.equal((await owner.uploadPart(id, { bytes: BYTES })).status, 200);
      return id;
    },
    apiKey: async () => {
      const body = { api_key_name: 'of-the-owner' };
      return (await owner.expect(201, 'POST', '/api_keys', body)).data.api_key.id as string;
    },
  };
}

let clip: Promise<Buffer> | undefined;

/** Creates a media whose encoding has succeeded. Returns its id and a link to one of its files. */
async function encoded(owner: ApiClient, receiver: Receiver, isPublic: boolean) {
  clip ??= makeClip({ width: 256, height: 144 });
  const fields = { title: 'of-the-owner', is_public: isPublic, qualities: [{ resolution: '144p' }] };
  const id = await owner.upload(await clip, fields);
  await receiver.until(() => receiver.types(id).length > 0);
  assert.deepEqual(receiver.types(id), ['encoding.finished']);
  const { assets } = (await owner.expect(200, 'GET', `/media/${id}`)).data;
  return { id, link: assets.hls_url as string };
}

async function deliveryOf(owner: ApiClient, webhook: string): Promise<string> {
  await untilAllEnded(owner, webhook);
  const { deliveries } = (await owner.expect(200, 'GET', `/webhooks/${webhook}/deliveries`)).data;
  return deliveries[0].id;
}

/** Creates a bulk resend, and waits until it has ended. */
async function recovered(owner: ApiClient, webhook: string): Promise<void> {
  const path = `/webhooks/${webhook}`;
  await owner.expect(202, 'POST', `${path}/recover`, { since: '2020-01-01T00:00:00Z' });
  await eventually('the recovery ends', async () => {
    const { recoveries } = (await owner.expect(200, 'GET', `${path}/recoveries`)).data;
    return recoveries[0].state === 'done';
  });
}

async function pictureOf(owner: ApiClient, mediaId: string, { service }: TestService): Promise<Uint8Array> {
  const { publicKey, secretKey } = owner.credentials;
  const headers = { 'stream-public-key': publicKey, 'stream-secret-key': secretKey };
  const response = await fetch(`${service.url}/assets/${mediaId}/thumbnail.jpg`, { headers });
  assert.equal(response.status, 200);
  return new Uint8Array(await response.arrayBuffer());
}

function tokenIn(link: string): string {
  return /\/t\/([^/]+)\//.exec(link)?.[1] ?? assert.fail(`${link} is not signed`);
}
