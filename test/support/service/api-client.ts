import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Credentials } from '../../../src/accounts/create-account.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly contentType: string | null;
  // Tests read answers of many shapes; what they expect of them is asserted, not typed.
  // biome-ignore lint/suspicious/noExplicitAny: asserted, not typed
  readonly body: any;
}

export interface Part {
  readonly bytes: Uint8Array;
  /** Value of the header `Content-Range`. Left out: the part is the whole file. */
  readonly range?: string;
  /** MD5 hash to send. Left out: the hash of the part. `null`: no hash is sent. */
  readonly hash?: string | null;
  readonly fieldName?: string;
}

/** Client that calls the API exactly as the documentation describes. */
export class ApiClient {
  readonly credentials: Credentials;
  readonly #baseUrl: string;
  /** Headers that contain the credential. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(serviceUrl: string, credentials: Credentials, headers?: Record<string, string>) {
    this.#baseUrl = `${serviceUrl}/api`;
    this.credentials = credentials;
    this.headers = headers ?? basicHeaders(credentials.publicKey, credentials.secretKey);
  }

  async call(
    method: string,
    path: string,
    json?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    const body = json === undefined ? {} : { body: typeof json === 'string' ? json : JSON.stringify(json) };
    const type: Record<string, string> = json === undefined ? {} : { 'content-type': 'application/json' };
    return this.send(path, { method, headers: { ...type, ...headers }, ...body });
  }

  async send(path: string, init: RequestInit): Promise<ApiAnswer> {
    const headers = { ...this.headers, ...(init.headers as Record<string, string>) };
    const response = await fetch(this.#baseUrl + path, { ...init, headers });
    return {
      status: response.status,
      contentType: response.headers.get('content-type'),
      body: await response.json(),
    };
  }

  /** Calls the API, and asserts the status. */
  async expect(status: number, method: string, path: string, json?: unknown): Promise<ApiAnswer['body']> {
    const answer = await this.call(method, path, json);
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async createWebhook(
    url: string,
    fields: Record<string, unknown> = ALL_EVENTS,
  ): Promise<{ id: string; secret: string }> {
    return (await this.expect(201, 'POST', '/webhooks', { url, ...fields })).data.webhook;
  }

  async createMedia(fields: Record<string, unknown> = {}): Promise<{ id: string; [field: string]: unknown }> {
    return (await this.expect(200, 'POST', '/media/create', { title: 'A clip', ...fields })).data;
  }

  async uploadPart(mediaId: string, { bytes, range, hash, fieldName = 'file' }: Part): Promise<ApiAnswer> {
    const form = formWithFile(bytes, fieldName);
    const md5 = hash === undefined ? createHash('md5').update(bytes).digest('hex') : hash;
    if (md5 !== null) form.append('hash', md5);
    const headers: Record<string, string> = range === undefined ? {} : { 'content-range': range };
    return this.send(`/media/${mediaId}/part`, { method: 'POST', body: form, headers });
  }

  /** Creates a media, uploads `bytes` as one part, and completes the upload. Returns the id of the media. */
  async upload(bytes: Uint8Array, fields: Record<string, unknown> = {}): Promise<string> {
    const { id } = await this.createMedia(fields);
    const part = await this.uploadPart(id, { bytes });
    assert.equal(part.status, 200, JSON.stringify(part.body));
    await this.expect(200, 'GET', `/media/${id}/complete`);
    return id;
  }
}

/** Returns a form with a file, such as those with which parts and pictures are sent. */
export function formWithFile(bytes: Uint8Array, fieldName = 'file', fileName = 'file.bin'): FormData {
  const form = new FormData();
  form.append(fieldName, new Blob([bytes as Uint8Array<ArrayBuffer>]), fileName);
  return form;
}

export function basicHeaders(publicKey: string, secretKey: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}` };
}

export const ALL_EVENTS = {
  file_received: true,
  encoding_started: true,
  partial_finished: true,
  encoding_finished: true,
  encoding_failed: true,
};
