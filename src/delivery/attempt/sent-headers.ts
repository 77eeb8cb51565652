import type { SentParts, WebhookRevision } from '../../domain/webhook-revision.ts';
import { COMMON_HEADERS } from './request-targets.ts';

/** Text that stands for each value that is secret. */
const MASK = '********';

/** A request that was made, as far as it does not depend on its webhook. */
export interface SentMessage {
  /** Value of the header `webhook-id`. */
  readonly id: string;
  /** When the request began, in milliseconds since the epoch. */
  readonly at: number;
  readonly body: string;
}

/**
 * Returns the headers of a request that was made earlier. The values of the owner's own headers and the
 * signatures are masked, because they are secret or prove an identity. `null`: the headers are unknown.
 */
export function sentHeaders(
  { url, sent }: Pick<WebhookRevision, 'url' | 'sent'>,
  { id, at, body }: SentMessage,
): Record<string, string> | null {
  if (sent === null) return null;
  return {
    host: new URL(url).host,
    connection: 'keep-alive',
    ...Object.fromEntries(sent.headers.map((name) => [name, MASK])),
    ...COMMON_HEADERS,
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': maskedSignatures(sent, at),
    'content-length': String(Buffer.byteLength(body)),
  };
}

/** Returns the signatures in the order in which they are sent: all `v1` signatures come first. */
function maskedSignatures({ signatures, previous }: SentParts, at: number): string {
  const all = previous !== null && at < previous.until ? [...signatures, ...previous.signatures] : signatures;
  return all
    .toSorted()
    .map((version) => `${version},${MASK}`)
    .join(' ');
}
