import { DEFAULT_RETRY_SCHEDULE } from '../delivery/attempt/retry-policy.ts';
import { parsePorts } from '../delivery/egress/ports.ts';
import { EgressProxy } from '../delivery/egress/proxy.ts';
import { LOG_LEVELS } from '../logging/logger.ts';
import { DEFAULT_MEDIA_LIMITS } from '../media/encoding/ffmpeg/limits.ts';
import {
  boolean,
  days,
  encryptionKey,
  httpUrl,
  integer,
  issuer,
  jwksUrl,
  logLevel,
  most,
  networks,
  nonEmpty,
  proxies,
  rate,
  seconds,
  storageUrl,
  token,
} from './setting-values.ts';

export interface Setting<T> {
  /** What holds where the variable is not set, as text; or, where it follows from other things, what it follows from. */
  readonly default: string;
  readonly isDerived: boolean;
  /** Its value is shown to nobody. */
  readonly isSecret: boolean;
  readonly description: string;
  /** Throws a `TypeError` that says what was expected. */
  readonly parse: (text: string) => T;
}

function setting<T>(fallback: string, description: string, parse: (text: string) => T) {
  return { default: fallback, isDerived: false, isSecret: false, description, parse } as const;
}

function derived<T>(from: string, description: string, parse: (text: string) => T) {
  return { default: from, isDerived: true, isSecret: false, description, parse } as const;
}

function optional<T>(description: string, parse: (text: string) => T) {
  return { default: '', isDerived: true, isSecret: false, description, parse } as const;
}

function optionalSecret<T>(description: string, parse: (text: string) => T) {
  return { default: '', isDerived: true, isSecret: true, description, parse } as const;
}

/** Every setting there is. docs/operating/settings.md has the same table; a test holds the two together. */
export const SETTINGS = {
  MEDIAHOOKS_HOST: setting('127.0.0.1', 'Address to listen on.', nonEmpty),
  MEDIAHOOKS_PORT: setting('8080', 'TCP port to listen on; 0 takes any free one.', integer(0, 65_535)),
  MEDIAHOOKS_PUBLIC_URL: derived(
    'http://host:port',
    'How clients reach the service; the links in media objects begin with it.',
    httpUrl,
  ),
  MEDIAHOOKS_DATA_DIR: setting('./data', 'Folder for the database, keys and media files.', nonEmpty),
  MEDIAHOOKS_DATABASE_URL: derived(
    'file:…/mediahooks.sqlite in the data folder',
    'Where accounts, events and deliveries are stored: the file: URL of a SQLite database.',
    storageUrl,
  ),
  MEDIAHOOKS_ENCRYPTION_KEY: optionalSecret(
    'Encrypts secrets and header values: base64 of 32 bytes, or the file: URL of a file that holds it; a key before it, which may still open, follows after a comma. Where it is not set, the first start makes one in the data folder.',
    encryptionKey,
  ),
  MEDIAHOOKS_EGRESS_ALLOW: setting(
    '',
    'Networks that webhooks may reach although they are private: CIDR, comma-separated, such as 10.1.0.0/16,fd00::/8.',
    networks,
  ),
  MEDIAHOOKS_EGRESS_PORTS: setting(
    '',
    'Ports that webhooks may use, and no other, such as 443,8000-8999; empty for all but those of other protocols.',
    parsePorts,
  ),
  MEDIAHOOKS_HTTPS_ONLY: setting('false', 'Whether webhooks must be https: true or false.', boolean),
  MEDIAHOOKS_EGRESS_PROXY: optionalSecret(
    'The forward proxy that all webhooks are sent through: its http or https URL, with credentials where it wants them.',
    EgressProxy.parse,
  ),
  MEDIAHOOKS_RETRY_DELAYS: setting(
    DEFAULT_RETRY_SCHEDULE.map((delay) => delay / 1000).join(','),
    'Seconds from a failed attempt to the next, one for each retry; empty for no retries.',
    seconds,
  ),
  MEDIAHOOKS_PAUSE_AFTER_DAYS: setting(
    '5',
    'Days of nothing but failures after which a webhook is paused; 0 pauses none.',
    days,
  ),
  MEDIAHOOKS_DELIVERY_TIMEOUT: setting(
    '10',
    'Seconds that a receiver has for its whole answer, connecting included.',
    integer(1, 300),
  ),
  MEDIAHOOKS_DELIVERY_CONCURRENCY: setting(
    '1000',
    'Requests to receivers under way at once.',
    integer(1, 100_000),
  ),
  MEDIAHOOKS_WEBHOOK_CONCURRENCY: setting(
    '10',
    'Requests to one webhook under way at once.',
    integer(1, 10_000),
  ),
  MEDIAHOOKS_HOST_CONCURRENCY: setting(
    '100',
    'Requests to one receiving host and port under way at once, over all webhooks that point there.',
    integer(1, 100_000),
  ),
  MEDIAHOOKS_RECOVERY_RATE: setting(
    '100',
    'Failed deliveries that a recovery sends again in a second, for each webhook.',
    integer(1, 1_000),
  ),
  MEDIAHOOKS_MAX_MEDIA_BYTES: setting(
    '53687091200',
    'The largest file taken, in bytes (50 GiB).',
    integer(1, Number.MAX_SAFE_INTEGER),
  ),
  MEDIAHOOKS_ENCODERS: derived(
    'half the cores, at least 1',
    'ffmpeg processes that encode at once.',
    integer(1, 1_000),
  ),
  MEDIAHOOKS_ENCODER_MEMORY: derived(
    'three quarters of the memory for all encoders, 2048 to 32768',
    'MiB of address space that one ffmpeg may take.',
    integer(512, 1_048_576),
  ),
  MEDIAHOOKS_ENCODE_TIMEOUT: setting(
    String(DEFAULT_MEDIA_LIMITS.encodeTimeMs / 1000),
    'Seconds after which an ffmpeg is ended, whatever it encodes.',
    integer(1, 1_728_000),
  ),
  MEDIAHOOKS_ENCODE_TIME_RATIO: setting(
    String(DEFAULT_MEDIA_LIMITS.encodeTimeRatio),
    'Seconds that a second of media may take to encode, five minutes not counted.',
    integer(1, 100_000),
  ),
  MEDIAHOOKS_MAX_ENCODED_BYTES: setting(
    String(DEFAULT_MEDIA_LIMITS.outputBytes),
    'The most that one quality may take on the disk, in bytes (50 GiB).',
    integer(1, Number.MAX_SAFE_INTEGER),
  ),
  MEDIAHOOKS_MAX_FRAME_PIXELS: setting(
    String(DEFAULT_MEDIA_LIMITS.maxPixels),
    'Pixels of a frame of the largest picture taken (8192×4320).',
    integer(1, 268_435_456),
  ),
  MEDIAHOOKS_MAX_DURATION: setting(
    String(DEFAULT_MEDIA_LIMITS.maxDurationSeconds),
    'Seconds of the longest media taken.',
    integer(1, 31_536_000),
  ),
  MEDIAHOOKS_LINK_TTL: setting(
    '3600',
    'Seconds for which links to the files of a media that is not public are good.',
    integer(60, 31_536_000),
  ),
  MEDIAHOOKS_FFMPEG: setting('ffmpeg', 'The ffmpeg program: a name on the PATH, or a path.', nonEmpty),
  MEDIAHOOKS_FFPROBE: setting('ffprobe', 'The ffprobe program: a name on the PATH, or a path.', nonEmpty),
  MEDIAHOOKS_RETENTION_DAYS: setting(
    '30',
    'Days for which events and deliveries that have ended are kept; 0 keeps them for ever.',
    days,
  ),
  MEDIAHOOKS_AUDIT_RETENTION_DAYS: setting(
    '365',
    'Days for which records of the audit log are kept; 0 keeps them for ever.',
    days,
  ),
  MEDIAHOOKS_METRICS_TOKEN: optionalSecret(
    'Where it is set, /metrics answers only those who bear it: at least 16 characters.',
    token,
  ),
  MEDIAHOOKS_RATE_LIMIT_ACCOUNT: setting(
    '500:5000',
    'Requests of one account: so many a second, and so many at once (rate:burst); off for no limit.',
    rate,
  ),
  MEDIAHOOKS_RATE_LIMIT_ADDRESS: setting(
    '1000:10000',
    'The same for requests from one IPv4 address, or one IPv6 /64.',
    rate,
  ),
  MEDIAHOOKS_RATE_LIMIT_UNAUTHORIZED: setting(
    '0.2:50',
    'The same for requests from there that are answered 401, so that keys and passwords cannot be guessed.',
    rate,
  ),
  MEDIAHOOKS_TRUST_PROXY: setting(
    '',
    'Reverse proxies whose X-Forwarded-For is believed: addresses or CIDR, comma-separated, such as 127.0.0.1,10.1.0.0/16.',
    proxies,
  ),
  MEDIAHOOKS_MAX_CONNECTIONS: setting(
    '10000',
    'Connections of clients at once; more are closed unanswered.',
    integer(1, 1_000_000),
  ),
  MEDIAHOOKS_MAX_WEBHOOKS: setting('100', 'Webhooks of one account; 0 for no limit.', most),
  MEDIAHOOKS_MAX_API_KEYS: setting('100', 'API keys of one account; 0 for no limit.', most),
  MEDIAHOOKS_MAX_OPEN_UPLOADS: setting(
    '1000',
    'Media of one account that were created and whose upload is not complete; 0 for no limit.',
    most,
  ),
  MEDIAHOOKS_MAX_ACCOUNT_BYTES: setting(
    '0',
    'Bytes that one account may have uploaded and not deleted; 0 for no limit.',
    most,
  ),
  MEDIAHOOKS_JWKS_URL: optional(
    'Where a platform of yours publishes the keys of its tokens, which are then taken beside our own: https, or http on this machine.',
    jwksUrl,
  ),
  MEDIAHOOKS_JWT_ISSUER: optional(
    'The issuer (iss) of these tokens; needed with MEDIAHOOKS_JWKS_URL.',
    issuer,
  ),
  MEDIAHOOKS_JWT_AUDIENCE: optional(
    'The audience (aud) of those that are meant for us; needed with MEDIAHOOKS_JWKS_URL.',
    nonEmpty,
  ),
  MEDIAHOOKS_JWT_ACCOUNT_CLAIM: setting(
    'sub',
    'The claim that names the account: by its user_id, or, where this is email, by its email address.',
    nonEmpty,
  ),
  MEDIAHOOKS_LOG_LEVEL: setting('info', `How much is logged: ${LOG_LEVELS.join(', ')}.`, logLevel),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;
