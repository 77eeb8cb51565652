import type { EventType } from './event.ts';

/**
 * When a delivery that failed is tried again: by the service's own schedule, by the one that the Standard Webhooks
 * specification suggests, or after delays of the owner's, in milliseconds from the end of one attempt to the next.
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
 * While it is paused its deliveries queue, in the order of their lanes, and none is sent. Pausing again changes nothing.
 */
export const PAUSE_REASONS = ['owner', 'gone', 'failing'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** Which signatures of Standard Webhooks requests bear: `v1` (HMAC-SHA256), `v1a` (Ed25519), or both. */
export const SIGNATURE_SCHEMES = ['hmac', 'ed25519', 'both'] as const;
export type SignatureScheme = (typeof SIGNATURE_SCHEMES)[number];

/** As Standard Webhooks writes them. */
export interface SigningKeys {
  /** For `v1`: `whsec_` and base64. */
  readonly secret: string;
  /** For `v1a`: `whsk_` and base64; null until a scheme that needs one was asked for. */
  readonly privateKey: string | null;
}

/** What of a webhook is stored encrypted. */
export interface WebhookCredentials extends SigningKeys {
  readonly signature: SignatureScheme;
  /** Those before the last rotation, which sign as well before `until`; null where there are none. */
  readonly previousKeys: (SigningKeys & { readonly until: number }) | null;
  /** Sent with every request, by name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What of the credentials the sender needs: see `WebhookTarget`. */
export interface SenderCredentials {
  /** The keys that sign, apart by a space: `whsec_…` for a signature `v1`, `whsk_…` for `v1a`. */
  readonly secret: string;
  /** Keys that sign as well for attempts that begin before `until`, after a rotation. */
  readonly previous?: { readonly secret: string; readonly until: number };
  /** Its owner's, sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Leaves out what most don't have: it crosses threads by the thousand. */
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
  /** The events it wants; never empty. */
  readonly events: readonly EventType[];
  readonly retrySchedule: RetrySchedule;
  /** Requests under way to it at once; null leaves it to the service. */
  readonly maxInFlight: number | null;
  /** Milliseconds since the epoch, as are the others. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When the last attempt was made; null before the first. */
  readonly lastTriggeredAt: number | null;
  /** Null while it is not paused, as is the reason. */
  readonly pausedAt: number | null;
  readonly pauseReason: PauseReason | null;
  /** When the first of an unbroken row of failed attempts was made; null after a success, or a resumption. */
  readonly failingSince: number | null;
  /** Why the last attempt failed, in words; null after a success. */
  readonly lastError: string | null;
}

export interface WebhookChanges {
  readonly name?: string;
  readonly url?: string;
  readonly events?: readonly EventType[];
  readonly retrySchedule?: RetrySchedule;
  readonly maxInFlight?: number | null;
  readonly signature?: SignatureScheme;
  /** Taken only where there is none: keys that are in use change by a rotation. */
  readonly privateKey?: string;
  /** All of them. */
  readonly headers?: Readonly<Record<string, string>>;
}
