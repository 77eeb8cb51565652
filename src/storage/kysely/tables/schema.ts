import type { Generated } from 'kysely';
import type { DeliveryHour } from '../../../domain/delivery-hour.ts';

/**
 * The tables of the database. Booleans are 0 or 1, times are milliseconds since the epoch, and lists and
 * objects are JSON text, so that the same query works in every SQL dialect.
 */
export interface Schema {
  accounts: AccountsTable;
  apiKeys: ApiKeysTable;
  webhooks: WebhooksTable;
  webhookRevisions: WebhookRevisionsTable;
  webhookChecks: WebhookChecksTable;
  media: MediaTable;
  accountUsage: AccountUsageTable;
  mediaQualities: MediaQualitiesTable;
  events: EventsTable;
  deliveries: DeliveriesTable;
  attempts: AttemptsTable;
  recoveries: RecoveriesTable;
  encryptionKeys: EncryptionKeysTable;
  auditRecords: AuditRecordsTable;
  recordUsage: RecordUsageTable;
  consoleSessions: ConsoleSessionsTable;
  consoleLinks: ConsoleLinksTable;
  deliveryHours: DeliveryHour;
  uncountedRows: UncountedRowsTable;
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

/** Each row is one `ConsoleSession`. */
export interface ConsoleSessionsTable {
  id: string;
  userId: string;
  apiKeyId: string | null;
  means: string;
  generation: number;
  createdAt: number;
  expiresAt: number;
}

/** Each row is one `ConsoleLink`. */
export interface ConsoleLinksTable {
  id: string;
  userId: string;
  createdAt: number;
  expiresAt: number;
}

export interface WebhooksTable {
  seq: Generated<number>;
  id: string;
  userId: string;
  name: string;
  url: string;
  /** The webhook's credentials, encrypted by `SealedCredentials`. Empty after the webhook was deleted. */
  credentials: string;
  fileReceived: number;
  encodingStarted: number;
  partialFinished: number;
  encodingFinished: number;
  encodingFailed: number;
  createdAt: number;
  updatedAt: number;
  lastTriggeredAt: number | null;
  /** Text that `retryScheduleText` returns: the name of the schedule, or its delays as JSON. */
  retrySchedule: string;
  maxInFlight: number | null;
  pausedAt: number | null;
  pauseReason: string | null;
  failingSince: number | null;
  lastError: string | null;
  /**
   * When the webhook was deleted. The row of a deleted webhook stays, without credentials, name and URL,
   * until its last delivery is removed.
   */
  deletedAt: number | null;
  /** 1 from the deletion of the webhook until its last pending delivery is cancelled, otherwise 0. */
  hasDeliveriesToCancel: Generated<number>;
  /** Number (`seq`) of the present revision. `null`: the webhook was deleted before there were revisions. */
  revision: number | null;
}

/** Form of the requests to a webhook, as long as its settings did not change. */
export interface WebhookRevisionsTable {
  seq: Generated<number>;
  webhookSeq: number;
  createdAt: number;
  url: string;
  /** `SentParts` as JSON. `null`: the next start completes the revision. Empty: unknown. */
  sent: string | null;
  /** Bytes that the row counts in the usage of its account. */
  chargedBytes: Generated<number>;
}

/** The sample events that were sent to webhooks. Each row is one `WebhookCheck`. */
export interface WebhookChecksTable {
  id: string;
  webhookSeq: number;
  eventType: string;
  eventId: string;
  url: string;
  headers: string;
  at: number;
  durationMs: number;
  status: number | null;
  response: string | null;
  error: string | null;
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
  notes: string;
  hasThumbnail: number;
  hasTakenThumbnail: number;
  hasDefaultQualities: number;
  receivedAt: number | null;
  createdAt: number;
  updatedAt: number;
  /** Number of bytes that the row counts in `RecordUsageTable`. */
  chargedBytes: number;
  /** Bytes of the files that encoding has made, or may still make. */
  encodedBytes: number;
  /** Bytes of the custom thumbnail. */
  thumbnailBytes: number;
  /** Which of the two numbers above might differ from what the files take: a sum of the values of `UNMEASURED`. */
  unmeasured: number;
}

/** Totals over the objects of an account. Triggers of the database update them. */
export interface AccountUsageTable {
  userId: string;
  /** Sum of `keptBytes` of all media that were not deleted. */
  keptBytes: number;
  /** Sum of `encodedBytes` and `thumbnailBytes` of all media that were not deleted. */
  encodedBytes: Generated<number>;
}

/**
 * Rows that older versions might have written without counting them. Each row is one kind of rows; it is removed when
 * all of them are counted.
 */
export interface UncountedRowsTable {
  /** Name of their table. */
  kind: string;
  /** Where the next step continues. `null`: nothing was counted yet. */
  place: string | null;
  /** Key of the last row that an older version might have written. */
  until: string;
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
  /** Idempotency key of an event that a version before the migration 0013 has committed. */
  idempotencyKey: string | null;
  /** Idempotency key of any other event: see `EventKeys`. */
  uniqueKey: string | null;
  createdAt: number;
  /** Number of bytes that the row counts in `RecordUsageTable`. */
  chargedBytes: number;
  /** The deliveries that the event owes: see `owedColumn`. `null`: it owes none, or an older version committed it. */
  owed: string | null;
}

/**
 * The deliveries. This table has few columns, because it grows most. The id of a delivery has no column,
 * because `deliveryId` computes it from `seq` and `createdAt`.
 */
export interface DeliveriesTable {
  seq: Generated<number>;
  eventSeq: number;
  webhookSeq: number;
  /** Number that stands for the media in the key of the lane: see `laneOf`. */
  lane: number;
  eventType: string;
  state: string;
  attempts: number;
  attemptsBefore: number;
  nextAttemptAt: number | null;
  claimed: number;
  createdAt: number;
  endedAt: number | null;
  /**
   * The last attempt is stored in this row, in the columns `last…`; its number is `attempts`. Most deliveries
   * have only one attempt, which then needs no row in the table of attempts.
   */
  lastAt: number | null;
  lastDurationMs: number | null;
  lastStatus: number | null;
  lastResponse: string | null;
  lastError: string | null;
  lastRevision: number | null;
}

/**
 * Attempts of deliveries, except for the last attempt of each delivery, which is stored in `DeliveriesTable`.
 */
export interface AttemptsTable {
  deliverySeq: number;
  number: number;
  at: number;
  durationMs: number;
  status: number | null;
  response: string | null;
  error: string | null;
  /** Number of bytes that the row counts in `RecordUsageTable`. */
  chargedBytes: number;
  /** Number (`seq`) of the webhook's revision. `null`: unknown, because an older version made the attempt. */
  revision: number | null;
}

/** Ids of the encryption keys in use. Stored data might be encrypted with any of these keys. */
export interface EncryptionKeysTable {
  /** Id of the key, computed by `keyIdOf`. */
  id: string;
}

/** The audit log. Each row is one `AuditRecord`. */
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
  /** Number of bytes that the row counts in `RecordUsageTable`. */
  chargedBytes: number;
}

export interface RecoveriesTable {
  id: string;
  webhookId: string;
  userId: string;
  since: number;
  until: number;
  state: string;
  /** Number (`seq`) of the last delivery that the bulk resend has read. */
  cursor: number;
  queued: number;
  createdAt: number;
  endedAt: number | null;
}

/** Number of bytes that the rows of an account take: media, their events, attempts and audit records. */
export interface RecordUsageTable {
  userId: string;
  bytes: number;
}
