import type { EventType } from './event.ts';

/**
 * The delays after which a failed delivery is tried again:
 * - `default`: the service's own delays;
 * - `exponential`: the delays that the Standard Webhooks specification suggests;
 * - a list: the delays that the owner has set, in milliseconds from the end of one attempt to the start of
 *   the next.
 */
export type RetrySchedule = 'default' | 'exponential' | readonly number[];

/**
 * Reasons why a webhook is paused.
 *
 *   sending ── its owner pauses it ──────────────────────────▶ paused: owner ──┐
 *      ▲   └── its receiver answers 410 ─────────────────────▶ paused: gone ───┤
 *      │   └── all its attempts have failed for days ────────▶ paused: failing ┤
 *      └────────────────── its owner resumes it ──────────────────────────────┘
 *
 * While a webhook is paused, its deliveries are queued in the order of their lanes, and none is sent. To
 * pause a webhook that is already paused changes nothing.
 */
export const PAUSE_REASONS = ['owner', 'gone', 'failing'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/**
 * Signature schemes of Standard Webhooks: `hmac` makes `v1` signatures (HMAC-SHA256), `ed25519` makes `v1a`
 * signatures, and `both` makes both.
 */
export const SIGNATURE_SCHEMES = ['hmac', 'ed25519', 'both'] as const;
export type SignatureScheme = (typeof SIGNATURE_SCHEMES)[number];

/** Signing keys in the format of Standard Webhooks. */
export interface SigningKeys {
  /** Key for `v1` signatures (HMAC-SHA256): `whsec_` and the key in base64. */
  readonly secret: string;
  /**
   * Key for `v1a` signatures (Ed25519): `whsk_` and the key in base64. `null`: no signature scheme that needs
   * a private key has been requested.
   */
  readonly privateKey: string | null;
}

/** The part of a webhook that is stored encrypted. */
export interface WebhookCredentials extends SigningKeys {
  readonly signature: SignatureScheme;
  /**
   * The keys that the last rotation replaced. Until the time `until`, requests are signed with these keys,
   * too. `null`: there are no such keys.
   */
  readonly previousKeys: (SigningKeys & { readonly until: number }) | null;
  /** Headers that are sent with every request, by name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The part of a webhook's credentials that the sender needs to make requests. */
export interface SenderCredentials {
  /**
   * One signing key, or two separated by a space: `whsec_…` for `v1` signatures, `whsk_…` for `v1a`
   * signatures.
   */
  readonly secret: string;
  /**
   * The keys that the last rotation replaced. Attempts that begin before `until` are signed with these keys,
   * too.
   */
  readonly previous?: { readonly secret: string; readonly until: number };
  /** Headers that the owner has set. They are sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Returns the credentials that the sender needs. Empty fields are left out, because thousands of these
 * objects are copied between threads.
 */
export function senderCredentialsOf(credentials: WebhookCredentials): SenderCredentials {
  const { signature, previousKeys: previous, headers } = credentials;
  return {
    secret: signingKeysOf(signature, credentials),
    ...(previous && { previous: { secret: signingKeysOf(signature, previous), until: previous.until } }),
    ...(Object.keys(headers).length > 0 && { headers }),
  };
}

function signingKeysOf(signature: SignatureScheme, { secret, privateKey }: SigningKeys): string {
  if (signature === 'hmac' || privateKey === null) return signature === 'ed25519' ? '' : secret;
  return signature === 'both' ? `${secret} ${privateKey}` : privateKey;
}

/** Names of the API's boolean fields that say whether a webhook subscribes to each event type. */
export const EVENT_FIELD = {
  'file.received': 'file_received',
  'encoding.started': 'encoding_started',
  'partial.finished': 'partial_finished',
  'encoding.finished': 'encoding_finished',
  'encoding.failed': 'encoding_failed',
} as const satisfies Record<EventType, string>;

/** A registration of a URL to which events of an account are sent, with the types of these events. */
export interface Webhook extends WebhookCredentials {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly url: string;
  /** Types of the events to which the webhook subscribes; never empty. */
  readonly events: readonly EventType[];
  readonly retrySchedule: RetrySchedule;
  /** Maximum number of requests in flight. `null`: the service's default applies. */
  readonly maxInFlight: number | null;
  /** Milliseconds since the epoch, like all times of a webhook. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When the last attempt began. `null`: there was no attempt yet. */
  readonly lastTriggeredAt: number | null;
  /** When the webhook was paused. `null`: the webhook is not paused, and has no `pauseReason`. */
  readonly pausedAt: number | null;
  readonly pauseReason: PauseReason | null;
  /**
   * Start of the first failed attempt. Attempts before the last success, or before the webhook was last
   * resumed, don't count. `null`: there is no such failed attempt.
   */
  readonly failingSince: number | null;
  /** Reason of the last failed attempt. `null`: no attempt has failed since the last success. */
  readonly lastError: string | null;
}

export interface WebhookChanges {
  readonly name?: string;
  readonly url?: string;
  readonly events?: readonly EventType[];
  readonly retrySchedule?: RetrySchedule;
  readonly maxInFlight?: number | null;
  readonly signature?: SignatureScheme;
  /**
   * Private key that the webhook gets if it has no private key. An existing private key stays, because only a
   * rotation of the keys replaces it.
   */
  readonly privateKey?: string;
  /** All headers that the webhook has after the change. */
  readonly headers?: Readonly<Record<string, string>>;
}
