import type { Generated } from 'kysely';

/**
 * The tables, as every dialect sees them. Booleans are 0 or 1, times are milliseconds since the epoch, and lists and
 * objects are JSON text, so that one query serves every dialect.
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
  /** A sealed `WebhookCredentials`: see `SealedCredentials`. Empty once the webhook is deleted. */
  credentials: string;
  fileReceived: number;
  encodingStarted: number;
  partialFinished: number;
  encodingFinished: number;
  encodingFailed: number;
  createdAt: number;
  updatedAt: number;
  lastTriggeredAt: number | null;
  /** See `retryScheduleText`. */
  retrySchedule: string;
  maxInFlight: number | null;
  pausedAt: number | null;
  pauseReason: string | null;
  failingSince: number | null;
  lastError: string | null;
  /** Time of deletion. A deleted webhook stays, without its credentials, until its last delivery is removed. */
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

/** Has few columns, because this table grows most: `deliveryId` computes the id from `seq` and `createdAt`. */
export interface DeliveriesTable {
  seq: Generated<number>;
  eventSeq: number;
  webhookSeq: number;
  /** The media's part of the lane's key: see `laneOf`. */
  lane: number;
  eventType: string;
  state: string;
  attempts: number;
  attemptsBefore: number;
  nextAttemptAt: number | null;
  claimed: number;
  createdAt: number;
  endedAt: number | null;
  /** The last attempt, whose number is `attempts`. Most deliveries have only one, which needs no row of its own. */
  lastAt: number | null;
  lastDurationMs: number | null;
  lastStatus: number | null;
  lastResponse: string | null;
  lastError: string | null;
}

/** Attempts of a delivery, its last one left out. */
export interface AttemptsTable {
  deliverySeq: number;
  number: number;
  at: number;
  durationMs: number;
  status: number | null;
  response: string | null;
  error: string | null;
}

/** Encryption keys that are in use: something may be encrypted with them. */
export interface EncryptionKeysTable {
  /** See `keyIdOf`. */
  id: string;
}

/** See `AuditRecord`. */
export interface AuditRecordsTable {
  id: string;
  createdAt: number;
  /** The account that the record concerns. */
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
  /** The `seq` of the last delivery that was read. */
  cursor: number;
  queued: number;
  createdAt: number;
  endedAt: number | null;
}
