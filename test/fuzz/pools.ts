import type { Draft } from './draft.ts';
import type { Answer } from './judge.ts';
import type { Kind } from './known.ts';

/**
 * Ids of objects that requests have created, so that others can name them. All belong to the operator's account,
 * because the objects of others are not found.
 */

type PoolKind = Extract<Kind, 'webhook' | 'delivery' | 'media' | 'api key' | 'inbox'>;

/** Place of the id of the created object in an answer, by method and path. */
const MADE: Readonly<Record<string, { kind: PoolKind; idIn: (data: Data) => string | undefined }>> = {
  'POST /api/webhooks': { kind: 'webhook', idIn: ({ webhook }) => webhook?.id },
  'POST /api/media/create': { kind: 'media', idIn: ({ id }) => id },
  'POST /api/api_keys': { kind: 'api key', idIn: ({ api_key }) => api_key?.id },
  'POST /api/inboxes': { kind: 'inbox', idIn: ({ inbox }) => inbox?.id },
};

const REMOVED: Readonly<Record<string, PoolKind>> = {
  'DELETE /api/webhooks/{id}': 'webhook',
  'DELETE /api/media/{id}': 'media',
  'DELETE /api/api_keys/{id}': 'api key',
  'DELETE /api/inboxes/{id}': 'inbox',
};

interface Data {
  readonly id?: string;
  readonly webhook?: { id: string };
  readonly api_key?: { id: string };
  readonly inbox?: { id: string };
}

const OWNERS: readonly Draft['actor'][] = ['operator', 'operator token', 'upload key'];
const MAX_REMOVED = 20;

export class Pools {
  readonly #ids: Record<PoolKind, string[]> = {
    webhook: [],
    delivery: [],
    media: [],
    'api key': [],
    inbox: [],
  };
  readonly #removed: string[] = [];

  of(kind: PoolKind): readonly string[] {
    return this.#ids[kind];
  }

  get removed(): readonly string[] {
    return this.#removed;
  }

  add(kind: PoolKind, id: string): void {
    this.#ids[kind].push(id);
  }

  replace(kind: PoolKind, ids: readonly string[]): void {
    this.#ids[kind] = [...ids];
  }

  remove(kind: PoolKind, id: string): void {
    this.#ids[kind] = this.#ids[kind].filter((one) => one !== id);
    this.#removed.unshift(id);
    this.#removed.splice(MAX_REMOVED);
  }

  /**
   * Learns from an answer which objects exist. @param id the id that the request's path named
   */
  note({ method, template, actor }: Draft, id: string | undefined, answer: Answer): void {
    if (answer.status >= 300 || !OWNERS.includes(actor)) return;
    const key = `${method} ${template}`;
    const made = MADE[key];
    if (made) {
      const newId = made.idIn((JSON.parse(answer.body.toString()) as { data: Data }).data);
      if (newId !== undefined) this.add(made.kind, newId);
    }
    const removed = REMOVED[key];
    if (removed && id !== undefined) this.remove(removed, id.toLowerCase());
  }
}
