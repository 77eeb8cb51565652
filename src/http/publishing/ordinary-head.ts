import type { IncomingMessage } from 'node:http';
import { MAX_EVENTS_BYTES } from '../wire/event.ts';

const PATH = '/api/events';
const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;

/**
 * Returns the number of bytes of the body, if a request publishes events and its URL and headers have the ordinary
 * form; otherwise 0. Node has parsed the request, and has refused what is not HTTP. What is not ordinary is not
 * wrong: Fastify and its hooks decide about it.
 */
export function ordinaryBodyBytes({ method, url, httpVersion, headers }: IncomingMessage): number {
  if (method !== 'POST' || url !== PATH || httpVersion !== '1.1') return 0;
  if (headers.host === undefined || headers.expect !== undefined || headers.upgrade !== undefined) return 0;
  // Browsers send these for pages, which the hook `refuseCrossSiteChanges` checks.
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return 0;
  const type = headers['content-type'];
  if (type !== 'application/json' && (type === undefined || !JSON_TYPE.test(type))) return 0;
  if (headers['transfer-encoding'] !== undefined) return 0;
  const bytes = Number(headers['content-length']);
  return bytes <= MAX_EVENTS_BYTES ? bytes : 0;
}
