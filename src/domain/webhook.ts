import type { EventType } from './event.ts';

/**
 * When a failed delivery is retried: by the service's own schedule (`default`), by the schedule that the Standard
 * Webhooks specification suggests (`exponential`), or after the owner's delays, in milliseconds from the end of one
 * attempt to the next.
 */
export type RetrySchedule = 'default' | 'exponential' | readonly number[];

/**
 * Why a webhook is paused.
 *
 *   sending ── its owner asks ──────────────────────────────▶ paused: owner ──┐
 *      ▲   └── its receiver answers 410 ────────────────────▶ paused: gone ───┤
 *      │   └── nothing but failures for days, one more now ─▶ paused: failing ┤
 *      └────────────────── its owner resumes it ──────────────────────────────┘
 *
 * While a webhook is paused, its deliveries queue in the order of their lanes, and none is sent. Pausing again changes
 * nothing.
 */
export const PAUSE_REASONS = ['owner', 'gone', 'failing'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** Signatures of Standard Webhooks that requests carry: `v1` (HMAC-SHA256), `v1a` (Ed25519), or both. */
export const SIGNATURE_SCHEMES = ['hmac', 'ed25519', 'both'] as const;
export type SignatureScheme = (typeof SIGNATURE_SCHEMES)[number];

/** Signing keys in the format of Standard Webhooks. */
export interface SigningKeys {
  /** For `v1`: `whsec_` and base64. */
  readonly secret: string;
  /** For `v1a`: `whsk_` and base64. `null`: no scheme that needs a private key has been requested. */
  readonly privateKey: string | null;
}

/** The part of a webhook that is stored encrypted. */
export interface WebhookCredentials extends SigningKeys {
  readonly signature: SignatureScheme;
  /** The keys from before the last rotation, which sign as well until `until`. `null`: no such keys. */
  readonly previousKeys: (SigningKeys & { readonly until: number }) | null;
  /** Headers that are sent with every request, by name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The part of the credentials that the sender needs: see `WebhookTarget`. */
export interface SenderCredentials {
  /** The signing keys, separated by a space: `whsec_…` for a signature `v1`, `whsk_…` for `v1a`. */
  readonly secret: string;
  /** Keys from before a rotation, which also sign attempts that begin before `until`. */
  readonly previous?: { readonly secret: string; readonly until: number };
  /** The owner's headers, sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Returns the credentials that the sender needs. It leaves out empty ones, because thousands of these cross threads.
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

/** The boolean of a webhook, as the API names it, that says whether the webhook wants an event. */
export const EVENT_FIELD = {
  'file.received': 'file_received',
  'encoding.started': 'encoding_started',
  'partial.finished': 'partial_finished',
  'encoding.finished': 'encoding_finished',
  'encoding.failed': 'encoding_failed',
} as const satisfies Record<EventType, string>;

/** A subscription: the URL to which an account's events are sent, and which events. */
export interface Webhook extends WebhookCredentials {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly url: string;
  /** The events that it subscribes to; never empty. */
  readonly events: readonly EventType[];
  readonly retrySchedule: RetrySchedule;
  /** Maximum number of requests in flight. `null`: the service's default. */
  readonly maxInFlight: number | null;
  /** Milliseconds since the epoch, like every time here. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When the last attempt began. `null`: there was no attempt yet. */
  readonly lastTriggeredAt: number | null;
  /** When the webhook was paused. `null`: it is not paused, and has no `pauseReason`. */
  readonly pausedAt: number | null;
  readonly pauseReason: PauseReason | null;
  /** When the first failed attempt since the last success or resume began. `null`: no attempt has failed since. */
  readonly failingSince: number | null;
  /** Reason why the last attempt failed. `null`: it succeeded. */
  readonly lastError: string | null;
}

export interface WebhookChanges {
  readonly name?: string;
  readonly url?: string;
  readonly events?: readonly EventType[];
  readonly retrySchedule?: RetrySchedule;
  readonly maxInFlight?: number | null;
  readonly signature?: SignatureScheme;
  /** Used only if the webhook has no private key yet: existing keys are replaced by a rotation. */
  readonly privateKey?: string;
  /** Replaces the whole set of headers. */
  readonly headers?: Readonly<Record<string, string>>;
}
