import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EgressPolicy } from './delivery/egress.ts';
import { DEFAULT_RETRY_SCHEDULE } from './delivery/retry-policy.ts';
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

function optionalSecret<T>(description: string, parse: (text: string) => T) {
  return { default: '', isDerived: true, isSecret: true, description, parse } as const;
}

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
  readonly ffmpeg: string;
  readonly ffprobe: string;
  /** Null keeps everything for ever. */
  readonly retentionMs: number | null;
  /** Null where anyone may read the metrics. */
  readonly metricsToken: string | null;
  readonly logLevel: LogLevel;
}

/**
 * The settings in `env`, or a `ConfigError` for the first that is unknown or malformed.
 * This is the only reader of the environment.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  refuseUnknown(env);
  const read = <T>(name: SettingName, { default: fallback, parse }: Setting<T>): T =>
    parsed(name, parse, env[name] ?? fallback);
  const readDerived = <T>(name: SettingName, { parse }: Setting<T>): T | null =>
    env[name] === undefined ? null : parsed(name, parse, env[name]);
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
    retryDelaysMs: read('MEDIAHOOKS_RETRY_DELAYS', SETTINGS.MEDIAHOOKS_RETRY_DELAYS),
    pauseAfterMs: read('MEDIAHOOKS_PAUSE_AFTER_DAYS', SETTINGS.MEDIAHOOKS_PAUSE_AFTER_DAYS),
    deliveryTimeoutMs: read('MEDIAHOOKS_DELIVERY_TIMEOUT', SETTINGS.MEDIAHOOKS_DELIVERY_TIMEOUT) * 1_000,
    deliveryConcurrency: read('MEDIAHOOKS_DELIVERY_CONCURRENCY', SETTINGS.MEDIAHOOKS_DELIVERY_CONCURRENCY),
    webhookConcurrency: read('MEDIAHOOKS_WEBHOOK_CONCURRENCY', SETTINGS.MEDIAHOOKS_WEBHOOK_CONCURRENCY),
    hostConcurrency: read('MEDIAHOOKS_HOST_CONCURRENCY', SETTINGS.MEDIAHOOKS_HOST_CONCURRENCY),
    recoveryRate: read('MEDIAHOOKS_RECOVERY_RATE', SETTINGS.MEDIAHOOKS_RECOVERY_RATE),
    maxMediaBytes: read('MEDIAHOOKS_MAX_MEDIA_BYTES', SETTINGS.MEDIAHOOKS_MAX_MEDIA_BYTES),
    encoders: readDerived('MEDIAHOOKS_ENCODERS', SETTINGS.MEDIAHOOKS_ENCODERS) ?? DEFAULT_ENCODERS,
    ffmpeg: read('MEDIAHOOKS_FFMPEG', SETTINGS.MEDIAHOOKS_FFMPEG),
    ffprobe: read('MEDIAHOOKS_FFPROBE', SETTINGS.MEDIAHOOKS_FFPROBE),
    retentionMs: read('MEDIAHOOKS_RETENTION_DAYS', SETTINGS.MEDIAHOOKS_RETENTION_DAYS),
    metricsToken: readDerived('MEDIAHOOKS_METRICS_TOKEN', SETTINGS.MEDIAHOOKS_METRICS_TOKEN),
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
  const { dataDir, databaseUrl, encoders } = readConfig(env);
  const derivedValues: Partial<Record<SettingName, string>> = {
    MEDIAHOOKS_DATA_DIR: dataDir,
    MEDIAHOOKS_DATABASE_URL: databaseUrl.href,
    MEDIAHOOKS_ENCODERS: String(encoders),
  };
  return (Object.keys(SETTINGS) as SettingName[]).map((name) => ({
    name,
    value:
      SETTINGS[name].isSecret && env[name]
        ? '(hidden)'
        : (derivedValues[name] ?? env[name]?.trim() ?? SETTINGS[name].default),
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

function token(text: string): string {
  if (!/^[\x21-\x7e]{16,}$/.test(text)) {
    throw new TypeError('expected at least 16 characters, without spaces');
  }
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

function logLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (!level) throw new TypeError(`expected one of ${LOG_LEVELS.join(', ')}`);
  return level;
}
