import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { IdentityProviderOptions } from '../accounts/identity-provider.ts';
import type { PortRule } from '../delivery/egress/ports.ts';
import type { EgressProxy } from '../delivery/egress/proxy.ts';
import type { LogLevel } from '../logging/logger.ts';
import { type MediaLimits, memoryOf, threadsOf } from '../media/encoding/ffmpeg/limits.ts';
import type { EncryptionKeySetting, Rate } from './setting-values.ts';
import { SETTINGS, type Setting, type SettingName } from './settings.ts';

/** A setting that stops the start. Its message names the setting, what was expected, and what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const MIB = 1024 * 1024;

/** Half the cores, so that receiving and delivering go on while files are encoded. */
const DEFAULT_ENCODERS = Math.max(1, Math.floor(availableParallelism() / 2));

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
  /** The same for the audit log. */
  readonly auditRetentionMs: number | null;
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
      memoryBytes: encoderMemory === null ? memoryOf(memoryHere(), encoders) : encoderMemory * MIB,
      outputBytes: read('MEDIAHOOKS_MAX_ENCODED_BYTES', SETTINGS.MEDIAHOOKS_MAX_ENCODED_BYTES),
      threads: threadsOf(availableParallelism(), encoders),
    }),
    linkTtlMs: read('MEDIAHOOKS_LINK_TTL', SETTINGS.MEDIAHOOKS_LINK_TTL) * 1_000,
    ffmpeg: read('MEDIAHOOKS_FFMPEG', SETTINGS.MEDIAHOOKS_FFMPEG),
    ffprobe: read('MEDIAHOOKS_FFPROBE', SETTINGS.MEDIAHOOKS_FFPROBE),
    retentionMs: read('MEDIAHOOKS_RETENTION_DAYS', SETTINGS.MEDIAHOOKS_RETENTION_DAYS),
    auditRetentionMs: read('MEDIAHOOKS_AUDIT_RETENTION_DAYS', SETTINGS.MEDIAHOOKS_AUDIT_RETENTION_DAYS),
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

/** What a container may have of the machine's, where it is bounded. */
function memoryHere(): number {
  return Math.min(totalmem(), process.constrainedMemory() || totalmem());
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
