import { senderCredentialsOf, type WebhookCredentials } from './webhook.ts';

/** Versions of signatures of Standard Webhooks: HMAC-SHA256 (`v1`) and Ed25519 (`v1a`). */
export type SignatureVersion = 'v1' | 'v1a';

/**
 * One version of the settings of a webhook that requests show: the URL, the names of its own headers, and its
 * signatures. Each attempt has the number of the revision that its request was made with. So the request can
 * be shown later, but no attempt stores a copy of it.
 */
export interface WebhookRevision {
  readonly number: number;
  readonly url: string;
  /** `null`: unknown, because an older version of the service made the request or the webhook. */
  readonly sent: SentParts | null;
}

/** Parts of the requests of a revision that are not the same for all webhooks. No part is a secret. */
export interface SentParts {
  /** Names of the headers that the owner has set. */
  readonly headers: readonly string[];
  readonly signatures: readonly SignatureVersion[];
  /**
   * Signatures with the keys that the last rotation replaced. Attempts that begin before `until` have them,
   * too.
   */
  readonly previous: { readonly signatures: readonly SignatureVersion[]; readonly until: number } | null;
}

export function sentPartsOf(credentials: WebhookCredentials): SentParts {
  const { secret, previous, headers = {} } = senderCredentialsOf(credentials);
  return {
    headers: Object.keys(headers),
    signatures: versionsOf(secret),
    previous: previous ? { signatures: versionsOf(previous.secret), until: previous.until } : null,
  };
}

/** Returns the version of the signature that is made with each of some keys, which are separated by spaces. */
function versionsOf(keys: string): SignatureVersion[] {
  const all = keys.split(' ').filter((key) => key !== '');
  return all.map((key) => (key.startsWith('whsec_') ? 'v1' : 'v1a'));
}
