import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ipaddr from 'ipaddr.js';
import type { IdentityProviderOptions } from './accounts/identity-provider.ts';
import { OWN_ISSUER } from './accounts/tokens.ts';
import { EgressPolicy } from './delivery/egress.ts';
import { EgressProxy } from './delivery/egress-proxy.ts';
import { type PortRule, parsePorts } from './delivery/ports.ts';
import { DEFAULT_RETRY_SCHEDULE } from './delivery/retry-policy.ts';
import { DEFAULT_MEDIA_LIMITS, type MediaLimits, memoryOf, threadsOf } from './media/encode/limits.ts';
import type { EncryptionKeys } from './storage/encryption/key-ring.ts';
import { isStorageUrl } from './storage/open-storage.ts';
import { LOG_LEVELS, type LogLevel } from './telemetry/logger.ts';

/** A setting that stops the start. Its message names the setting, what was expected, and what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

interface Setting<T> {
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

const MIB = 1024 * 1024;

/** Half the cores, so that receiving and delivering go on while files are encoded. */
const DEFAULT_ENCODERS = Math.max(1, Math.floor(availableParallelism() / 2));

/** Every setting there is. docs/operating.md has the same table; a test holds the two together. */
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

export interface EncryptionKeySetting {
  /** The first encrypts. */
  readonly keys: EncryptionKeys;
  /** Where they are in a file, its absolute path, and none above. */
  readonly file: string | null;
}

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Null where it follows from the address that is listened on. */
  readonly publicUrl: string | null;
  /** Absolute. */
  readonly dataDir: string;
  readonly databaseUrl: URL;
  /** The operator's keys, or the file that holds them; null where they are in the data folder. */
  readonly encryptionKey: EncryptionKeySetting | null;
  readonly egressAllow: readonly string[];
  readonly egressPorts: PortRule;
  readonly httpsOnly: boolean;
  /** Null where receivers are reached directly. */
  readonly egressProxy: EgressProxy | null;
  readonly retryDelaysMs: readonly number[];
  /** Null: never. */
  readonly pauseAfterMs: number | null;
  readonly deliveryTimeoutMs: number;
  readonly deliveryConcurrency: number;
  readonly webhookConcurrency: number;
  readonly hostConcurrency: number;
  readonly recoveryRate: number;
  readonly maxMediaBytes: number;
  readonly encoders: number;
  readonly mediaLimits: MediaLimits;
  readonly linkTtlMs: number;
  readonly ffmpeg: string;
  readonly ffprobe: string;
  /** Null keeps everything for ever. */
  readonly retentionMs: number | null;
  /** Null where anyone may read the metrics. */
  readonly metricsToken: string | null;
  /** Null: no limit, as with the others. */
  readonly accountRate: Rate | null;
  readonly addressRate: Rate | null;
  readonly unauthorizedRate: Rate | null;
  readonly trustProxy: readonly string[];
  readonly maxConnections: number;
  readonly maxWebhooks: number | null;
  readonly maxApiKeys: number | null;
  readonly maxOpenUploads: number | null;
  readonly maxAccountBytes: number | null;
  /** Null where tokens are the service's own alone. */
  readonly identityProvider: IdentityProviderOptions | null;
  readonly logLevel: LogLevel;
}

/** So many requests at once, and so many more each second. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * The settings in `env`, or a `ConfigError` for the first that is unknown or malformed.
 * This is the only reader of settings.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  refuseUnknown(env);
  const read = <T>(name: SettingName, { default: fallback, parse }: Setting<T>): T =>
    parsed(name, parse, env[name] ?? fallback);
  const readDerived = <T>(name: SettingName, { parse }: Setting<T>): T | null =>
    env[name] === undefined ? null : parsed(name, parse, env[name]);
  const encoders = readDerived('MEDIAHOOKS_ENCODERS', SETTINGS.MEDIAHOOKS_ENCODERS) ?? DEFAULT_ENCODERS;
  const encoderMemory = readDerived('MEDIAHOOKS_ENCODER_MEMORY', SETTINGS.MEDIAHOOKS_ENCODER_MEMORY);
  const dataDir = resolve(read('MEDIAHOOKS_DATA_DIR', SETTINGS.MEDIAHOOKS_DATA_DIR));
  return Object.freeze({
    host: read('MEDIAHOOKS_HOST', SETTINGS.MEDIAHOOKS_HOST),
    port: read('MEDIAHOOKS_PORT', SETTINGS.MEDIAHOOKS_PORT),
    publicUrl: readDerived('MEDIAHOOKS_PUBLIC_URL', SETTINGS.MEDIAHOOKS_PUBLIC_URL),
    dataDir,
    databaseUrl:
      readDerived('MEDIAHOOKS_DATABASE_URL', SETTINGS.MEDIAHOOKS_DATABASE_URL) ??
      pathToFileURL(resolve(dataDir, 'mediahooks.sqlite')),
    encryptionKey: readDerived('MEDIAHOOKS_ENCRYPTION_KEY', SETTINGS.MEDIAHOOKS_ENCRYPTION_KEY),
    egressAllow: read('MEDIAHOOKS_EGRESS_ALLOW', SETTINGS.MEDIAHOOKS_EGRESS_ALLOW),
    egressPorts: read('MEDIAHOOKS_EGRESS_PORTS', SETTINGS.MEDIAHOOKS_EGRESS_PORTS),
    httpsOnly: read('MEDIAHOOKS_HTTPS_ONLY', SETTINGS.MEDIAHOOKS_HTTPS_ONLY),
    egressProxy: readDerived('MEDIAHOOKS_EGRESS_PROXY', SETTINGS.MEDIAHOOKS_EGRESS_PROXY),
    retryDelaysMs: read('MEDIAHOOKS_RETRY_DELAYS', SETTINGS.MEDIAHOOKS_RETRY_DELAYS),
    pauseAfterMs: read('MEDIAHOOKS_PAUSE_AFTER_DAYS', SETTINGS.MEDIAHOOKS_PAUSE_AFTER_DAYS),
    deliveryTimeoutMs: read('MEDIAHOOKS_DELIVERY_TIMEOUT', SETTINGS.MEDIAHOOKS_DELIVERY_TIMEOUT) * 1_000,
    deliveryConcurrency: read('MEDIAHOOKS_DELIVERY_CONCURRENCY', SETTINGS.MEDIAHOOKS_DELIVERY_CONCURRENCY),
    webhookConcurrency: read('MEDIAHOOKS_WEBHOOK_CONCURRENCY', SETTINGS.MEDIAHOOKS_WEBHOOK_CONCURRENCY),
    hostConcurrency: read('MEDIAHOOKS_HOST_CONCURRENCY', SETTINGS.MEDIAHOOKS_HOST_CONCURRENCY),
    recoveryRate: read('MEDIAHOOKS_RECOVERY_RATE', SETTINGS.MEDIAHOOKS_RECOVERY_RATE),
    maxMediaBytes: read('MEDIAHOOKS_MAX_MEDIA_BYTES', SETTINGS.MEDIAHOOKS_MAX_MEDIA_BYTES),
    encoders,
    mediaLimits: Object.freeze({
      maxPixels: read('MEDIAHOOKS_MAX_FRAME_PIXELS', SETTINGS.MEDIAHOOKS_MAX_FRAME_PIXELS),
      maxDurationSeconds: read('MEDIAHOOKS_MAX_DURATION', SETTINGS.MEDIAHOOKS_MAX_DURATION),
      encodeTimeMs: read('MEDIAHOOKS_ENCODE_TIMEOUT', SETTINGS.MEDIAHOOKS_ENCODE_TIMEOUT) * 1_000,
      encodeTimeRatio: read('MEDIAHOOKS_ENCODE_TIME_RATIO', SETTINGS.MEDIAHOOKS_ENCODE_TIME_RATIO),
      memoryBytes: encoderMemory === null ? memoryOf(totalmem(), encoders) : encoderMemory * MIB,
      outputBytes: read('MEDIAHOOKS_MAX_ENCODED_BYTES', SETTINGS.MEDIAHOOKS_MAX_ENCODED_BYTES),
      threads: threadsOf(availableParallelism(), encoders),
    }),
    linkTtlMs: read('MEDIAHOOKS_LINK_TTL', SETTINGS.MEDIAHOOKS_LINK_TTL) * 1_000,
    ffmpeg: read('MEDIAHOOKS_FFMPEG', SETTINGS.MEDIAHOOKS_FFMPEG),
    ffprobe: read('MEDIAHOOKS_FFPROBE', SETTINGS.MEDIAHOOKS_FFPROBE),
    retentionMs: read('MEDIAHOOKS_RETENTION_DAYS', SETTINGS.MEDIAHOOKS_RETENTION_DAYS),
    metricsToken: readDerived('MEDIAHOOKS_METRICS_TOKEN', SETTINGS.MEDIAHOOKS_METRICS_TOKEN),
    accountRate: read('MEDIAHOOKS_RATE_LIMIT_ACCOUNT', SETTINGS.MEDIAHOOKS_RATE_LIMIT_ACCOUNT),
    addressRate: read('MEDIAHOOKS_RATE_LIMIT_ADDRESS', SETTINGS.MEDIAHOOKS_RATE_LIMIT_ADDRESS),
    unauthorizedRate: read('MEDIAHOOKS_RATE_LIMIT_UNAUTHORIZED', SETTINGS.MEDIAHOOKS_RATE_LIMIT_UNAUTHORIZED),
    trustProxy: read('MEDIAHOOKS_TRUST_PROXY', SETTINGS.MEDIAHOOKS_TRUST_PROXY),
    maxConnections: read('MEDIAHOOKS_MAX_CONNECTIONS', SETTINGS.MEDIAHOOKS_MAX_CONNECTIONS),
    maxWebhooks: read('MEDIAHOOKS_MAX_WEBHOOKS', SETTINGS.MEDIAHOOKS_MAX_WEBHOOKS),
    maxApiKeys: read('MEDIAHOOKS_MAX_API_KEYS', SETTINGS.MEDIAHOOKS_MAX_API_KEYS),
    maxOpenUploads: read('MEDIAHOOKS_MAX_OPEN_UPLOADS', SETTINGS.MEDIAHOOKS_MAX_OPEN_UPLOADS),
    maxAccountBytes: read('MEDIAHOOKS_MAX_ACCOUNT_BYTES', SETTINGS.MEDIAHOOKS_MAX_ACCOUNT_BYTES),
    identityProvider: identityProvider(
      readDerived('MEDIAHOOKS_JWKS_URL', SETTINGS.MEDIAHOOKS_JWKS_URL),
      readDerived('MEDIAHOOKS_JWT_ISSUER', SETTINGS.MEDIAHOOKS_JWT_ISSUER),
      readDerived('MEDIAHOOKS_JWT_AUDIENCE', SETTINGS.MEDIAHOOKS_JWT_AUDIENCE),
      read('MEDIAHOOKS_JWT_ACCOUNT_CLAIM', SETTINGS.MEDIAHOOKS_JWT_ACCOUNT_CLAIM),
    ),
    logLevel: read('MEDIAHOOKS_LOG_LEVEL', SETTINGS.MEDIAHOOKS_LOG_LEVEL),
  });
}

export interface SettingInForce {
  readonly name: SettingName;
  readonly value: string;
  readonly isSet: boolean;
}

/** Every setting as it holds, and whether `env` sets it. Throws as `readConfig` does. */
export function settingsInForce(env: NodeJS.ProcessEnv = process.env): SettingInForce[] {
  const { dataDir, databaseUrl, encoders, mediaLimits, egressProxy } = readConfig(env);
  const derivedValues: Partial<Record<SettingName, string>> = {
    MEDIAHOOKS_DATA_DIR: dataDir,
    MEDIAHOOKS_DATABASE_URL: databaseUrl.href,
    MEDIAHOOKS_ENCODERS: String(encoders),
    ...(egressProxy && { MEDIAHOOKS_EGRESS_PROXY: egressProxy.shown }),
    MEDIAHOOKS_ENCODER_MEMORY: String(mediaLimits.memoryBytes / MIB),
  };
  return (Object.keys(SETTINGS) as SettingName[]).map((name) => ({
    name,
    value:
      derivedValues[name] ??
      (SETTINGS[name].isSecret && env[name] ? '(hidden)' : (env[name]?.trim() ?? SETTINGS[name].default)),
    isSet: env[name] !== undefined,
  }));
}

function refuseUnknown(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env)) {
    if (!name.startsWith('MEDIAHOOKS_') || name in SETTINGS) continue;
    throw new ConfigError(`${name} is not a setting; there are ${Object.keys(SETTINGS).join(', ')}`);
  }
}

function parsed<T>(name: SettingName, parse: (text: string) => T, text: string): T {
  try {
    return parse(text.trim());
  } catch (cause) {
    const got = SETTINGS[name].isSecret ? '' : `, got ${JSON.stringify(text)}`;
    throw new ConfigError(`${name}: ${(cause as Error).message}${got}`, { cause });
  }
}

function nonEmpty(text: string): string {
  if (text === '') throw new TypeError('expected a value');
  return text;
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new TypeError(`expected a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

function seconds(text: string): number[] {
  if (text === '') return [];
  return text.split(',').map((part) => {
    const value = Number(part);
    if (part.trim() === '' || !(value >= 0 && value <= 30 * 24 * 3600)) {
      throw new TypeError('expected seconds, comma-separated, each from 0 to 2592000');
    }
    return value * 1000;
  });
}

/** In milliseconds. */
function days(text: string): number | null {
  const value = Number(text);
  if (text === '' || !(value >= 0 && value <= 36_500)) {
    throw new TypeError('expected days from 0 to 36500');
  }
  return value === 0 ? null : value * 24 * 3_600_000;
}

function boolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new TypeError('expected true or false');
  return text === 'true';
}

function token(text: string): string {
  if (!/^[\x21-\x7e]{16,}$/.test(text)) {
    throw new TypeError('expected at least 16 characters, without spaces');
  }
  return text;
}

/** Keys without an audience would take the tokens that the platform issues for others of its services. */
function identityProvider(
  url: URL | null,
  issuer: string | null,
  audience: string | null,
  accountClaim: string,
): IdentityProviderOptions | null {
  const given = {
    MEDIAHOOKS_JWKS_URL: url,
    MEDIAHOOKS_JWT_ISSUER: issuer,
    MEDIAHOOKS_JWT_AUDIENCE: audience,
  };
  const missing = Object.entries(given).find(([, value]) => value === null)?.[0];
  if (url && issuer !== null && audience !== null) return { jwksUrl: url, issuer, audience, accountClaim };
  if (Object.values(given).every((value) => value === null)) return null;
  throw new ConfigError(`${missing}: expected a value, as ${Object.keys(given).join(', ')} go together`);
}

/** Whoever changes the keys on their way signs tokens for anybody. */
function jwksUrl(text: string): URL {
  const url = URL.parse(text);
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url?.hostname ?? '');
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && isHere)) || url.username !== '') {
    throw new TypeError('expected an https URL, or an http URL of this machine');
  }
  return url;
}

function issuer(text: string): string {
  if (text === '' || text === OWN_ISSUER) throw new TypeError(`expected a value other than ${OWN_ISSUER}`);
  return text;
}

function encryptionKey(text: string): EncryptionKeySetting {
  if (!/^file:/i.test(text)) return { keys: parseEncryptionKeys(text), file: null };
  if (!/^file:\/\/(localhost)?\/[^/]/i.test(text)) {
    throw new TypeError('expected a file: URL with an absolute path, such as file:///run/secrets/key');
  }
  return { keys: [], file: fileURLToPath(text) };
}

/** Keys in base64, apart by commas or line breaks. Throws a `TypeError` that shows none of them. */
export function parseEncryptionKeys(text: string): EncryptionKeys {
  const keys = text.split(/[\s,]+/).filter((part) => part !== '');
  const isKey = (part: string) => /^[A-Za-z0-9+/]{43}=$/.test(part);
  if (keys.length === 0 || !keys.every(isKey)) {
    throw new TypeError(
      'expected 32 bytes in base64 (as of `openssl rand -base64 32`), or several such, apart by commas',
    );
  }
  return keys.map((part) => Buffer.from(part, 'base64'));
}

function httpUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError('expected an http or https URL');
  return url.href.replace(/\/+$/, '');
}

function storageUrl(text: string): URL {
  const url = URL.parse(text);
  // `file:name` and `file://name/…` parse, too: as a file of the root folder, and as one of another machine.
  if (!url || !isStorageUrl(url) || !/^file:(\/\/(localhost)?)?\/[^/]/i.test(text)) {
    throw new TypeError(
      'expected the file: URL of a SQLite database by its absolute path, such as file:///srv/hooks.sqlite',
    );
  }
  return url;
}

function networks(text: string): string[] {
  const list = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  // Constructed for its check alone.
  new EgressPolicy(list);
  return list;
}

function rate(text: string): Rate | null {
  if (text === 'off' || text === '0') return null;
  const [, perSecond, burst] = (/^(\d{1,6}(?:\.\d{1,3})?):(\d{1,7})$/.exec(text) ?? []).map(Number);
  if (!perSecond || !burst) {
    throw new TypeError('expected requests a second and at once, such as 100:1000 or 0.2:50, or off');
  }
  return { perSecond, burst };
}

/** Null for 0: no limit. */
function most(text: string): number | null {
  return integer(0, Number.MAX_SAFE_INTEGER)(text) || null;
}

function proxies(text: string): string[] {
  const list = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const part of list) {
    // The short and octal forms of IPv4 mean different things to different programs.
    const isAddress = ipaddr.IPv4.isValidFourPartDecimal(part) || ipaddr.IPv6.isValid(part);
    if (!isAddress && !ipaddr.isValidCIDR(part))
      throw new TypeError(`expected addresses or CIDR, comma-separated; ${part} is neither`);
  }
  return list;
}

function logLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (!level) throw new TypeError(`expected one of ${LOG_LEVELS.join(', ')}`);
  return level;
}
