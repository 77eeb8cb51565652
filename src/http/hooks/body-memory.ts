import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../../domain/errors.ts';
import type { App } from '../app.ts';
import { FORM_BYTES } from './bodies/file-form.ts';
import { SharedMemory } from './bodies/shared-memory.ts';
import { clientOf } from './client-address.ts';

/** Numbers of bytes that all requests in progress may hold together. */
export interface BodyMemory {
  /** For bodies that are read into memory, and for headers. */
  readonly bodies: number;
  /** For the fields of forms with a file. The file itself is not kept in memory. */
  readonly forms: number;
}

/**
 * The service runs with a heap of 384 MiB. Text in memory takes at least as many bytes as it has, and more once it is
 * parsed.
 */
export const BODY_MEMORY: BodyMemory = { bodies: 64 * 1024 * 1024, forms: 64 * 1024 * 1024 };

/**
 * Number of bytes up to which the headers and the body of a request are not counted, so that most requests cost
 * nothing here. The number of connections bounds what such requests hold: 20 MiB for 10,000 connections.
 */
const UNCOUNTED_BYTES = 2 * 1024;

/** Memory that a request needs. */
interface BodyClaim {
  /** Account or address for which the memory counts. */
  readonly client: string;
  readonly response: ServerResponse;
  readonly bytes: number;
  /** Whether the body is a form with a file. */
  readonly isForm: boolean;
}

/** Memory that the bodies of requests in progress hold. */
export class BodyPools {
  readonly #bodies: SharedMemory;
  readonly #forms: SharedMemory;

  constructor({ bodies, forms }: BodyMemory) {
    this.#bodies = new SharedMemory(bodies);
    this.#forms = new SharedMemory(forms);
  }

  /**
   * Counts a body and the headers of its request, until the answer is sent or the connection ends.
   * @returns false if too little memory is left for the client; the body must then not be read
   */
  admit({ client, response, bytes, isForm }: BodyClaim): boolean {
    // Does not count the request if the client has already disconnected, because no `close` event would follow
    // to subtract its bytes.
    if (bytes <= UNCOUNTED_BYTES || response.destroyed) return true;
    const pool = isForm ? this.#forms : this.#bodies;
    if (!pool.take(client, bytes)) return false;
    response.once('close', () => pool.give(client, bytes));
    return true;
  }
}

/**
 * Refuses a request before its body is read, if the requests in progress of its account leave too little memory. A
 * request without a credential counts for its address.
 * @param onRefused called for each request that is refused
 */
export function admitBodies(app: App, pools: BodyPools, onRefused: () => void): void {
  app.addHook('preParsing', (request: FastifyRequest, reply: FastifyReply, payload, done) => {
    if (request.routeOptions.config.isProbe || request.begun) return done(null, payload);
    const isForm = isFileForm(request);
    const bytes = headerBytes(request.raw) + (isForm ? FORM_BYTES : bodyBytes(request));
    if (bytes <= UNCOUNTED_BYTES) return done(null, payload);
    const client = request.identity?.account.id ?? clientOf(request.ip);
    if (pools.admit({ client, response: reply.raw, bytes, isForm })) return done(null, payload);
    onRefused();
    done(new ServiceError('overloaded', 'too many large requests are in progress; retry in a moment'));
  });
}

function isFileForm({ headers }: FastifyRequest): boolean {
  return headers['content-type']?.startsWith('multipart/') ?? false;
}

/** Returns the number of characters of a request's URL and headers. */
export function headerBytes({ rawHeaders, url = '' }: IncomingMessage): number {
  let bytes = url.length;
  for (const text of rawHeaders) bytes += text.length;
  return bytes;
}

/** Returns the maximum number of bytes that the body of a request needs in memory. */
function bodyBytes({ headers, routeOptions }: FastifyRequest): number {
  const maxBytes = routeOptions.bodyLimit ?? 0;
  if (headers['transfer-encoding'] !== undefined) return maxBytes;
  return Math.min(Number(headers['content-length'] ?? 0) || 0, maxBytes);
}
