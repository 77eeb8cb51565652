import { randomUUID } from 'node:crypto';
import { linkKeyFile } from '../../src/data-folder/paths.ts';
import { openLinkKey } from '../../src/media/link-key.ts';
import { MediaLinks } from '../../src/media/links.ts';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { makeClip } from '../support/media/clips.ts';
import { ALL_EVENTS, type ApiClient, basicHeaders } from '../support/service/api-client.ts';
import type { Actor, Draft } from './draft.ts';
import { type FuzzedService, RECEIVER_PATHS } from './fuzzed-service.ts';
import type { Answer } from './judge.ts';
import type { Known } from './known.ts';
import { Pools } from './pools.ts';
import { SignIns } from './sign-ins.ts';

const PASSWORD = 'a password of some words';

/** Maximum number of objects of each kind between two rounds; more are removed. An account may have five inboxes. */
const KEPT = { webhook: 12, media: 8, 'api key': 10, inbox: 3 } as const;
/** Minimum number of objects of each kind before an operation's turn. */
const AT_LEAST = 4;
const REMOVAL = { webhook: '/webhooks', media: '/media', 'api key': '/api_keys', inbox: '/inboxes' } as const;

interface EncodedMedia {
  readonly public: string;
  readonly private: string;
}

type Credentials = Record<Exclude<Actor, 'operator token'>, Record<string, string>>;

/** Tokens of links to the private media. */
interface Links {
  readonly good: string;
  readonly expired: string;
}

/**
 * The objects in the fuzzed service: an account of each kind, encoded media, and everything that requests have
 * created. A request names objects by number; they are looked up when it is sent.
 */
export class World {
  readonly #service: FuzzedService;
  readonly #operator: ApiClient;
  readonly #pools = new Pools();
  readonly #signIns: SignIns;
  readonly #credentials: Credentials;
  readonly #encoded: EncodedMedia;
  readonly #links: Links;

  private constructor(given: {
    service: FuzzedService;
    signIns: SignIns;
    credentials: Credentials;
    encoded: EncodedMedia;
    links: Links;
  }) {
    this.#service = given.service;
    this.#operator = given.service.operator;
    this.#signIns = given.signIns;
    this.#credentials = given.credentials;
    this.#encoded = given.encoded;
    this.#links = given.links;
  }

  static async create(service: FuzzedService): Promise<World> {
    const { operator } = service;
    const { userId: id } = operator.credentials;
    const { email } = (await operator.expect(200, 'PATCH', `/accounts/${id}`, { password: PASSWORD })).data
      .account;
    const { token } = (await operator.expect(200, 'POST', '/auth/login', { email, password: PASSWORD })).data;
    const signIns = new SignIns({ id, email, password: PASSWORD }, token);
    for (let n = 0; n < 3; n += 1) {
      const account = { email: `spare${n}@fuzz.test`, password: PASSWORD };
      const { data } = await operator.expect(201, 'POST', '/accounts', account);
      signIns.add({ ...account, id: data.account.id });
    }
    const wanted = { api_key_name: 'uploads', type: 'only_upload' };
    const { api_key: key } = (await operator.expect(201, 'POST', '/api_keys', wanted)).data;
    const other = (await service.newAccount()).credentials;
    const encoded = await encodeMedia(operator);
    return new World({
      service,
      signIns,
      encoded,
      links: await linksTo(encoded.private, service),
      credentials: {
        operator: operator.headers,
        'other account': { 'stream-public-key': other.publicKey, 'stream-secret-key': other.secretKey },
        'upload key': basicHeaders(key.public_key, key.secret),
        nobody: {},
        stranger: basicHeaders(key.public_key, 'no secret'),
        forger: { authorization: `Bearer ${other.token.slice(0, -8)}AAAAAAAA` },
      },
    });
  }

  headersFor(actor: Actor): Record<string, string> {
    if (actor === 'operator token') return { authorization: `Bearer ${this.#signIns.token}` };
    return this.#credentials[actor];
  }

  /** Removes objects beyond the useful number, because accounts have limits. */
  async makeRoom(): Promise<void> {
    for (const kind of ['webhook', 'media', 'api key', 'inbox'] as const) {
      for (const id of this.#pools.of(kind).slice(KEPT[kind])) {
        await this.#operator.call('DELETE', `${REMOVAL[kind]}/${id}`);
        this.#pools.remove(kind, id);
      }
    }
    await this.#findDeliveries();
  }

  /** Creates objects of which earlier requests have left too few. */
  async replenish(): Promise<void> {
    const lacks = (kind: 'webhook' | 'media' | 'api key' | 'inbox' | 'delivery') =>
      this.#pools.of(kind).length < AT_LEAST;
    if (lacks('webhook')) for (const path of RECEIVER_PATHS) await this.#makeWebhook(path);
    if (lacks('media')) for (let n = 0; n < 6; n += 1) await this.#makeMedia(n);
    if (lacks('api key')) for (let n = 0; n < AT_LEAST; n += 1) await this.#makeApiKey();
    if (lacks('inbox')) await this.#makeInbox();
    if (lacks('delivery')) {
      await this.#publish();
      await this.#findDeliveries();
    }
  }

  async note(draft: Draft, sent: { id: string | undefined; body: unknown }, answer: Answer): Promise<void> {
    this.#pools.note(draft, sent.id, answer);
    const body = typeof sent.body === 'object' && sent.body !== null ? sent.body : {};
    const isShutOut = this.#signIns.note(draft, body as Record<string, unknown>, sent.id, answer);
    if (!isShutOut) return;
    const { email, password } = this.#signIns.operator;
    const { data } = await this.#operator.expect(200, 'POST', '/auth/login', { email, password });
    this.#signIns.token = data.token;
  }

  /** Returns the text for a reference of a draft. */
  lookUp({ kind, nth }: Known, { method, template, actor }: Draft): string {
    const signIns = this.#signIns;
    switch (kind) {
      case 'webhook':
      case 'delivery':
      case 'media':
      case 'api key':
      case 'inbox':
        return pick(this.#pools.of(kind), nth);
      case 'removed':
        return pick(this.#pools.removed, nth);
      case 'account':
        return pick(signIns.accountIds, nth);
      case 'actor':
        return signIns.operator.id;
      case 'url':
        return `http://${pick(this.#service.receivers, nth)}${pick(RECEIVER_PATHS, nth >> 1)}`;
      case 'email':
        return pick(signIns.able, nth).email;
      case 'password':
        return pick(signIns.able, nth).password ?? '';
      case 'own password':
        return actor.startsWith('operator') ? (signIns.operator.password ?? '') : PASSWORD;
      case 'encoded media':
        // The media must stay, and must be public.
        return template.startsWith('/api') && (method === 'DELETE' || method === 'PATCH')
          ? randomUUID()
          : this.#encoded.public;
      case 'private media':
        return this.#encoded.private;
      case 'link':
        return this.#links.good;
      case 'expired link':
        return this.#links.expired;
    }
  }

  async #makeWebhook(path: string): Promise<void> {
    const url = `http://${this.#service.receivers[0]}${path}`;
    const { status, body } = await this.#operator.call('POST', '/webhooks', {
      url,
      ...ALL_EVENTS,
      signature: 'both',
    });
    if (status === 201) this.#pools.add('webhook', body.data.webhook.id);
  }

  /** Some media have no file, and some have one that is not complete. */
  async #makeMedia(nth: number): Promise<void> {
    const { status, body } = await this.#operator.call('POST', '/media/create', { title: `clip ${nth}` });
    if (status !== 200) return;
    this.#pools.add('media', body.data.id);
    if (nth % 2 === 0) await this.#operator.uploadPart(body.data.id, { bytes: Buffer.from('no clip') });
  }

  async #makeApiKey(): Promise<void> {
    const { status, body } = await this.#operator.call('POST', '/api_keys', { api_key_name: 'one' });
    if (status === 201) this.#pools.add('api key', body.data.api_key.id);
  }

  async #makeInbox(): Promise<void> {
    const { status, body } = await this.#operator.call('POST', '/inboxes', {});
    if (status === 201) this.#pools.add('inbox', body.data.inbox.id);
  }

  async #publish(): Promise<void> {
    const event = { type: 'file.received', media_id: 'm', user_id: this.#signIns.operator.id };
    const events = [1, 2, 3].map(() => ({ ...event, event_id: randomUUID() }));
    await this.#operator.expect(202, 'POST', '/events', events);
  }

  async #findDeliveries(): Promise<void> {
    const found: string[] = [];
    for (const id of [...this.#pools.of('webhook'), ...this.#pools.removed]) {
      const { status, body } = await this.#operator.call('GET', `/webhooks/${id}/deliveries?limit=5`);
      if (status === 200) found.push(...body.data.deliveries.map((delivery: { id: string }) => delivery.id));
    }
    this.#pools.replace('delivery', found);
  }
}

async function encodeMedia(operator: ApiClient): Promise<EncodedMedia> {
  const clip = await makeClip();
  const fields = { qualities: [{ resolution: '144p' }, { resolution: '144p', type: 'dash' }], is_mp4: true };
  const ids = await Promise.all([
    operator.upload(clip, fields),
    operator.upload(clip, { ...fields, is_public: false }),
  ]);
  for (const id of ids) {
    await eventually('a media is encoded', async () => {
      const { data } = await operator.expect(200, 'GET', `/media/${id}`);
      return data.status === 'done';
    });
  }
  return { public: ids[0] ?? '', private: ids[1] ?? '' };
}

async function linksTo(mediaId: string, { dataDir }: FuzzedService) {
  const key = await openLinkKey(linkKeyFile(dataDir));
  const ttlMs = 3_600_000;
  const at = (now: number) => new MediaLinks({ key, ttlMs, now: () => now }).tokenFor(mediaId);
  return { good: at(Date.now()), expired: at(Date.now() - 2 * ttlMs) };
}

/** Returns an object by number; an id of nothing if no object has that number. */
function pick<T>(items: readonly T[], nth: number): T {
  return items[nth % Math.max(1, items.length)] ?? (randomUUID() as T);
}
