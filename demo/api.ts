import { createHash } from 'node:crypto';
import type { Credentials } from './service.ts';

const PART_BYTES = 256 * 1024;

/** Returns the offset of each part of a file, in bytes. */
export function partsOf(bytes: Buffer): number[] {
  return Array.from({ length: Math.ceil(bytes.length / PART_BYTES) }, (_, index) => index * PART_BYTES);
}

/** Client for the calls of the API that the demo makes. */
export class Api {
  readonly #base: string;
  readonly #authorization: string;

  constructor(serviceUrl: string, { public_key, secret_key }: Credentials) {
    this.#base = `${serviceUrl}/api`;
    this.#authorization = `Basic ${Buffer.from(`${public_key}:${secret_key}`).toString('base64')}`;
  }

  /** Creates a webhook for all five events, and returns its signing secret. */
  async createWebhook(url: string): Promise<string> {
    const events = [
      'file_received',
      'encoding_started',
      'partial_finished',
      'encoding_finished',
      'encoding_failed',
    ];
    const wanted = Object.fromEntries(events.map((event) => [event, true]));
    const { data } = await this.#call('POST', '/webhooks', { name: 'demo', url, ...wanted });
    return data.webhook.secret;
  }

  async createMedia(title: string, resolutions: readonly string[]): Promise<string> {
    const qualities = resolutions.map((resolution) => ({ resolution }));
    const { data } = await this.#call('POST', '/media/create', { title, qualities });
    return data.id;
  }

  /** Uploads a file in parts. All parts are sent at the same time, the last part first. */
  async upload(mediaId: string, bytes: Buffer): Promise<void> {
    await Promise.all(
      partsOf(bytes)
        .toReversed()
        .map((start) => this.#uploadPart(mediaId, bytes, start)),
    );
    await this.#call('GET', `/media/${mediaId}/complete`);
  }

  async hlsUrl(mediaId: string): Promise<string> {
    return (await this.#call('GET', `/media/${mediaId}`)).data.assets.hls_url;
  }

  async failure(mediaId: string): Promise<string> {
    return (await this.#call('GET', `/media/${mediaId}`)).data.error;
  }

  async #uploadPart(mediaId: string, bytes: Buffer, start: number): Promise<void> {
    const part = bytes.subarray(start, start + PART_BYTES);
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(part)]), 'part');
    form.append('hash', createHash('md5').update(part).digest('hex'));
    form.append('index', String(start / PART_BYTES));
    const range = `bytes ${start}-${start + part.length - 1}/${bytes.length}`;
    await this.#send(`/media/${mediaId}/part`, {
      method: 'POST',
      body: form,
      headers: { 'content-range': range },
    });
  }

  #call(method: string, path: string, json?: unknown) {
    if (json === undefined) return this.#send(path, { method });
    const headers = { 'content-type': 'application/json' };
    return this.#send(path, { method, headers, body: JSON.stringify(json) });
  }

  async #send(path: string, init: RequestInit) {
    const headers = { ...(init.headers as Record<string, string>), authorization: this.#authorization };
    const response = await fetch(this.#base + path, { ...init, headers });
    // biome-ignore lint/suspicious/noExplicitAny: the demo reads three fields of answers of three shapes
    const body: any = await response.json();
    if (!response.ok) throw new Error(`${init.method} ${path}: ${body.message}`);
    return body;
  }
}
