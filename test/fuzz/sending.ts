import { Pool } from 'undici';
import { type Draft, type DraftBody, Raw } from './draft.ts';
import type { Answer } from './judge.ts';
import { Known } from './known.ts';
import type { World } from './world.ts';

export interface Sent {
  readonly url: string;
  /** The value of `{id}` in the path. */
  readonly id: string | undefined;
  /** The content of a request with JSON or a form. */
  readonly body: unknown;
  readonly answer: Answer;
}

/** Maximum duration of an answer in milliseconds. A slower one is a fault, which is reported with its request. */
const PATIENCE = { headersTimeout: 30_000, bodyTimeout: 30_000 };

/** The part of the world that sending needs. */
type NamedObjects = Pick<World, 'lookUp' | 'headersFor'>;

/** Sends drafts, one after the other, with their references replaced by values. */
export class Sending {
  readonly #world: NamedObjects;
  readonly #pool: Pool;

  constructor(world: NamedObjects, serviceUrl: string) {
    this.#world = world;
    this.#pool = new Pool(serviceUrl, { connections: 1, pipelining: 1, ...PATIENCE });
  }

  async send(draft: Draft): Promise<Sent> {
    const path = this.#filledIn(draft.path, draft) as Record<string, unknown>;
    const url = urlOf(draft.template, path, this.#filledIn(draft.query, draft) as Draft['query']);
    const body = draft.body && this.#bodyOf(draft.body, draft);
    const headers = { ...draft.headers, ...this.#world.headersFor(draft.actor), ...body?.headers };
    const response = await this.#pool.request({
      path: url,
      method: draft.method as 'GET',
      headers,
      body: body?.bytes ?? null,
    });
    const bytes = Buffer.from(await response.body.arrayBuffer());
    const answer = { status: response.statusCode, headers: response.headers, body: bytes };
    return { url, id: path.id === undefined ? undefined : String(path.id), body: body?.value, answer };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #bodyOf(
    body: DraftBody,
    draft: Draft,
  ): { bytes: Buffer; headers: Record<string, string>; value?: unknown } {
    if (body.kind === 'raw') {
      const type = body.type === null ? {} : { 'content-type': body.type };
      const encoding = body.encoding ? { 'content-encoding': body.encoding } : {};
      return { bytes: body.bytes, headers: { ...type, ...encoding, ...body.headers } };
    }
    const value = this.#filledIn(body.value, draft);
    if (body.kind === 'json') {
      const bytes = Buffer.from(JSON.stringify(value) ?? '');
      return { bytes, headers: { 'content-type': 'application/json' }, value };
    }
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [['x', value]];
    const fields = entries.map(([name, one]) => [String(name), asText(one).toWellFormed()] as const);
    const text = fields.map(([name, one]) => `${escaped(name)}=${escaped(one)}`).join('&');
    const type = 'application/x-www-form-urlencoded';
    return {
      bytes: Buffer.from(text),
      headers: { 'content-type': type },
      // The service reads text only.
      value: Object.fromEntries(fields),
    };
  }

  #filledIn(value: unknown, draft: Draft): unknown {
    if (value instanceof Known) return this.#world.lookUp(value, draft);
    if (value instanceof Raw) return value;
    if (Array.isArray(value)) return value.map((item) => this.#filledIn(item, draft));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#filledIn(item, draft)]));
  }
}

function urlOf(template: string, path: Record<string, unknown>, query: Draft['query']): string {
  const filled = template.replaceAll(/\{([^}]+)\}/g, (_all, name: string) =>
    name === 'file' ? asText(path[name]).split('/').map(escaped).join('/') : segment(path[name]),
  );
  // A stream would not end.
  if (template.endsWith('/live'))
    return `${filled}?${[...query.filter(isNoTime), ['seconds', 0]].map(textOf).join('&')}`;
  if (query.length === 0) return filled;
  return `${filled}?${query.map(textOf).join('&')}`;
}

function isNoTime([name]: readonly [string, unknown]): boolean {
  return name !== 'seconds';
}

function textOf([name, value]: readonly unknown[]): string {
  return `${escaped(String(name))}=${segment(value)}`;
}

function segment(value: unknown): string {
  return value instanceof Raw ? value.text : escaped(asText(value));
}

function asText(value: unknown): string {
  if (value instanceof Raw) return value.text;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** Halves of surrogates can't be encoded in UTF-8. */
function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
