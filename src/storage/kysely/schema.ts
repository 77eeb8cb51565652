import type { Generated } from 'kysely';

/**
 * The tables, as both dialects see them. Booleans are 0 or 1, times are milliseconds since the epoch,
 * lists and objects are JSON text: so that one query serves both dialects.
 */
export interface Schema {
  accounts: AccountsTable;
  apiKeys: ApiKeysTable;
  webhooks: WebhooksTable;
  media: MediaTable;
  mediaQualities: MediaQualitiesTable;
  events: EventsTable;
  deliveries: DeliveriesTable;
  attempts: AttemptsTable;
  recoveries: RecoveriesTable;
  encryptionKeys: EncryptionKeysTable;
  auditRecords: AuditRecordsTable;
}

export interface AccountsTable {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  isOperator: number;
  isDisabled: number;
  passwordHash: string | null;
  tokenGeneration: number;
  createdAt: number;
  updatedAt: number;
}

export interface ApiKeysTable {
  id: string;
  userId: string;
  name: string;
  publicKey: string;
  secretHash: string;
  truncatedSecret: string;
  type: string;
  ttl: number;
  expiresAt: number | null;
  createdAt: number;
  updatedAt: number;
  lastRequestedAt: number | null;
}

export interface WebhooksTable {
  seq: Generated<number>;
  id: string;
  userId: string;
  name: string;
  url: string;
  /** A `WebhookCredentials`, sealed: see `encryption/webhook-credentials.ts`. Empty once the webhook is removed. */
  credentials: string;
  fileReceived: number;
  encodingStarted: number;
  partialFinished: number;
  encodingFinished: number;
  encodingFailed: number;
  createdAt: number;
  updatedAt: number;
  lastTriggeredAt: number | null;
  /** See `retry-schedule-text.ts`. */
  retrySchedule: string;
  maxInFlight: number | null;
  pausedAt: number | null;
  pauseReason: string | null;
  failingSince: number | null;
  lastError: string | null;
  /** A removed webhook stays as long as its deliveries do, without its credentials. */
  deletedAt: number | null;
}

export interface MediaTable {
  id: string;
  userId: string;
  title: string;
  description: string;
  type: string;
  status: string;
  isPublic: number;
  isMp4: number;
  tags: string;
  metadata: string;
  segmentDuration: number;
  duration: number;
  size: number;
  keptBytes: number;
  error: string | null;
  hasThumbnail: number;
  hasTakenThumbnail: number;
  receivedAt: number | null;
  createdAt: number;
  updatedAt: number;
}

export interface MediaQualitiesTable {
  mediaId: string;
  position: number;
  resolution: string;
  type: string;
  containerType: string;
  videoCodec: string;
  videoBitrate: number | null;
  audioCodec: string;
  audioBitrate: number | null;
  status: string;
}

export interface EventsTable {
  seq: Generated<number>;
  id: string;
  userId: string;
  mediaId: string;
  type: string;
  emittedAt: number;
  body: string;
  idempotencyKey: string | null;
  createdAt: number;
}

/** Narrow, for it is the table that grows: a delivery's id follows from `seq` and `createdAt` (see delivery-id.ts). */
export interface DeliveriesTable {
  seq: Generated<number>;
  eventSeq: number;
  webhookSeq: number;
  /** What of its event's media tells its lane: see lane.ts. */
  lane: number;
  eventType: string;
  state: string;
  attempts: number;
  attemptsBefore: number;
  nextAttemptAt: number | null;
  claimed: number;
  createdAt: number;
  endedAt: number | null;
  /** The last attempt, whose number is `attempts`. Most deliveries have no other, and need no row for it. */
  lastAt: number | null;
  lastDurationMs: number | null;
  lastStatus: number | null;
  lastResponse: string | null;
  lastError: string | null;
}

/** The attempts before a delivery's last. */
export interface AttemptsTable {
  deliverySeq: number;
  number: number;
  at: number;
  durationMs: number;
  status: number | null;
  response: string | null;
  error: string | null;
}

/** The keys with which something may be encrypted. */
export interface EncryptionKeysTable {
  /** See `keyIdOf`. */
  id: string;
}

/** See `AuditRecord`. */
export interface AuditRecordsTable {
  id: string;
  createdAt: number;
  /** The account that it concerns. */
  userId: string | null;
  action: string;
  targetId: string;
  changed: string;
  actorId: string | null;
  credential: string;
  apiKeyId: string | null;
  publicKey: string | null;
  address: string | null;
  requestId: string | null;
}

export interface RecoveriesTable {
  id: string;
  webhookId: string;
  userId: string;
  since: number;
  until: number;
  state: string;
  /** The `seq` of the delivery that was looked at last. */
  cursor: number;
  queued: number;
  createdAt: number;
  endedAt: number | null;
}
