import { createReadStream } from 'node:fs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../app.ts';
import { type ConsoleFile, findConsole, findFile } from './console-files.ts';
import { consolePolicy } from './content-security-policy.ts';

/** Seconds for which browsers keep a file whose name has a hash of its content. */
const HASHED_MAX_AGE_S = 365 * 24 * 3600;

const NOT_BUILT =
  'The console has not been built on this machine: run script/bootstrap in the folder of Mediahooks, and load this page again.\n';

export interface ConsoleOptions {
  /** Origins of pages that may show the console in a frame. */
  readonly embedOrigins: readonly string[];
  /** Returns the folder of the built console; `null`: it has not been built. Default: the one that script/bootstrap makes. */
  readonly folder?: () => string | null;
}

/**
 * Serves the web console, a program for browsers, at /console/. Its files are read when someone asks for them, so that a start
 * does nothing for it.
 */
export function serveConsole(app: App, { embedOrigins, folder = findConsole }: ConsoleOptions): void {
  const options = { config: { access: 'public' as const }, schema: { hide: true } };
  const headers = {
    'content-security-policy': consolePolicy(embedOrigins),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    vary: 'accept-encoding',
  };

  app.get('/console', options, (_request, reply) => reply.redirect('/console/', 308));

  app.get<{ Params: { '*': string } }>('/console/*', options, async (request, reply) => {
    reply.headers(headers);
    const root = folder();
    if (root === null) return refuse(reply, 503, NOT_BUILT);
    const file = await findFile(root, request.params['*'], acceptsBrotli(request));
    return file ? sendFile(request, reply, file) : refuse(reply, 404, 'There is no such file.\n');
  });
}

/** Returns whether a request is made by a person's browser for a page, and not by a program. */
export function wantsPage({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') === true;
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: ConsoleFile): FastifyReply {
  const { path, bytes, contentType, isCompressed, isHashed, etag } = file;
  reply.headers({
    etag,
    'cache-control': isHashed ? `public, max-age=${HASHED_MAX_AGE_S}, immutable` : 'no-cache',
  });
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  if (isCompressed) reply.header('content-encoding', 'br');
  return reply.type(contentType).header('content-length', bytes).send(createReadStream(path));
}

function refuse(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply
    .code(status)
    .headers({ 'cache-control': 'no-store' })
    .type('text/plain; charset=utf-8')
    .send(text);
}

/** Returns whether a client takes Brotli. Browsers offer it over https, and to this machine. */
function acceptsBrotli({ headers }: FastifyRequest): boolean {
  return /\bbr\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(String(headers['accept-encoding'] ?? ''));
}
