import { randomUUIDv7 } from 'node:crypto';
import type { Account, ApiKey } from '../../domain/account.ts';
import { EVENT_TYPES, type EventType, type NewEvent } from '../../domain/event.ts';
import type { Media, MediaStep, Quality } from '../../domain/media.ts';
import type { Webhook } from '../../domain/webhook.ts';
import type { DeliveryListRequest } from '../contracts/deliveries.ts';
import type { Publication } from '../contracts/events.ts';
import type { MediaListRequest } from '../contracts/media.ts';
import type { WebhookListRequest } from '../contracts/webhooks.ts';

/** Makes valid records. A test names only the fields that it is about. */

/** Encryption keys of the storages in tests. */
export const KEYS = [Buffer.alloc(32, 'key')];

export const USER = randomUUIDv7();
export const STRANGER = randomUUIDv7();
/** The time at which tests begin, in milliseconds since the epoch. */
export const T0 = 1_767_225_600_000;

/** Requests the whole list of an account, oldest first. */
const ALL = { offset: 0, limit: 100, orderBy: 'asc', sortBy: 'createdAt', search: null } as const;
export const ALL_WEBHOOKS: WebhookListRequest = { ...ALL, events: {} };
/** Requests the newest deliveries, whatever their state, event and media. */
export const ALL_DELIVERIES: DeliveryListRequest = {
  limit: 1_000,
  before: null,
  state: null,
  event: null,
  mediaId: null,
};
export const ALL_MEDIA: MediaListRequest = { ...ALL, statuses: [], tags: [], metadata: [], type: null };

export function newAccount(fields: Partial<Account> = {}): Account {
  const id = randomUUIDv7();
  return {
    id,
    email: `${id}@example.com`,
    firstName: 'Ada',
    lastName: 'Lovelace',
    isOperator: false,
    isDisabled: false,
    passwordHash: null,
    tokenGeneration: 0,
    createdAt: T0,
    updatedAt: T0,
    ...fields,
  };
}

export function newApiKey(fields: Partial<ApiKey> = {}): ApiKey {
  const id = randomUUIDv7();
  return {
    id,
    userId: USER,
    name: 'a key',
    publicKey: `public-${id}`,
    secretHash: 'f'.repeat(64),
    truncatedSecret: 'abcd',
    type: 'full_access',
    ttl: 3600,
    expiresAt: T0 + 3_600_000,
    createdAt: T0,
    updatedAt: T0,
    lastRequestedAt: null,
    ...fields,
  };
}

export function newWebhook(fields: Partial<Webhook> = {}): Webhook {
  return {
    id: randomUUIDv7(),
    userId: USER,
    name: 'a webhook',
    url: 'https://receiver.example/hook',
    events: EVENT_TYPES,
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    signature: 'hmac',
    privateKey: null,
    previousKeys: null,
    headers: {},
    createdAt: T0,
    updatedAt: T0,
    lastTriggeredAt: null,
    retrySchedule: 'default',
    maxInFlight: null,
    pausedAt: null,
    pauseReason: null,
    failingSince: null,
    lastError: null,
    ...fields,
  };
}

export function newQuality(position: number, fields: Partial<Quality> = {}): Quality {
  return {
    position,
    resolution: '360p',
    type: 'hls',
    containerType: 'mpegts',
    videoCodec: 'h264',
    videoBitrate: null,
    audioCodec: 'aac',
    audioBitrate: null,
    status: 'waiting',
    ...fields,
  };
}

export function newMedia(fields: Partial<Media> = {}): Media {
  return {
    id: randomUUIDv7(),
    userId: USER,
    title: 'A clip',
    description: '',
    type: 'video',
    status: 'new',
    qualities: [newQuality(0), newQuality(1, { resolution: '720p', videoBitrate: 2_000_000 })],
    isPublic: true,
    isMp4: false,
    tags: [],
    metadata: [],
    segmentDuration: 6,
    duration: 0,
    size: 0,
    keptBytes: 0,
    error: null,
    notes: [],
    hasThumbnail: false,
    hasTakenThumbnail: false,
    hasDefaultQualities: false,
    receivedAt: null,
    createdAt: T0,
    updatedAt: T0,
    ...fields,
  };
}

export function newEvent(type: EventType, fields: Partial<NewEvent> = {}): NewEvent {
  const id = randomUUIDv7();
  return {
    id,
    userId: USER,
    mediaId: 'media-1',
    type,
    emittedAt: T0,
    body: JSON.stringify({ type, id, title: 'Grüße 🎬' }),
    idempotencyKey: null,
    ...fields,
  };
}

export function publication(
  type: EventType,
  fields: Partial<NewEvent> = {},
  step: MediaStep | null = null,
): Publication {
  return { event: newEvent(type, fields), step };
}

/** Makes `count` events. Each has its own media, so that no delivery waits for another. */
export function publications(count: number, fields: Partial<NewEvent> = {}): Publication[] {
  return Array.from({ length: count }, (_, n) =>
    publication('file.received', { mediaId: `media-${n}`, ...fields }),
  );
}
