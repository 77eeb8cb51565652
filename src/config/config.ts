import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MediaLimits } from '../domain/media-limits.ts';
import { ConfigError } from './config-error.ts';
import { availableMemory, defaultEncoders, memoryPerEncoder, threadsPerEncoder } from './encoder-shares.ts';
import { SETTINGS, type SettingName, type SettingValues } from './settings.ts';

/**
 * The values that the service uses. A member that is declared here is computed from one or several settings.
 * Every other member has the value of the setting with the same key.
 */
export interface Config extends Omit<SettingValues, DerivedKey> {
  /** Absolute path of the data folder. */
  readonly dataDir: string;
  readonly databaseUrl: URL;
  readonly encoders: number;
  readonly mediaLimits: MediaLimits;
  /** `null`: no identity provider is configured, and the API accepts only the service's own tokens. */
  readonly identityProvider: IdentityProviderConfig | null;
}

export interface IdentityProviderConfig {
  readonly jwksUrl: URL;
  readonly issuer: string;
  readonly audience: string;
  /**
   * Claim of a token that names the account. The claim `email` contains the account's email address, any
   * other claim the account's id.
   */
  readonly accountClaim: string;
}

type MediaLimitKey =
  | 'encoderMemoryBytes'
  | 'encodeTimeMs'
  | 'encodeTimeRatio'
  | 'maxEncodedBytes'
  | 'maxFramePixels'
  | 'maxDurationSeconds';
type IdentityProviderKey = 'jwksUrl' | 'jwtIssuer' | 'jwtAudience' | 'jwtAccountClaim';
type DerivedKey = MediaLimitKey | IdentityProviderKey | 'databaseUrl' | 'encoders';

/**
 * Reads and validates all settings in `env`. No other function reads settings from the environment.
 * @throws ConfigError for the first setting that is unknown, malformed or missing
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  refuseUnknown(env);
  return Object.freeze(configOf(valuesIn(env)));
}

function refuseUnknown(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env)) {
    if (!name.startsWith('MEDIAHOOKS_') || name in SETTINGS) continue;
    throw new ConfigError(`${name} is not a setting; the settings are ${Object.keys(SETTINGS).join(', ')}`);
  }
}

function valuesIn(env: NodeJS.ProcessEnv): SettingValues {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const { key, isDerived, default: fallback } = SETTINGS[name];
    const text = env[name];
    values[key] = text === undefined && isDerived ? null : parsed(name, text ?? fallback);
  }
  return values as SettingValues;
}

function parsed(name: SettingName, text: string): unknown {
  const { parse, isSecret } = SETTINGS[name];
  try {
    return parse(text.trim());
  } catch (cause) {
    const got = isSecret ? '' : `, got ${JSON.stringify(text)}`;
    throw new ConfigError(`${name}: ${(cause as Error).message}${got}`, { cause });
  }
}

function configOf(values: SettingValues): Config {
  const {
    encoderMemoryBytes,
    encodeTimeMs,
    encodeTimeRatio,
    maxEncodedBytes,
    maxFramePixels,
    maxDurationSeconds,
    jwksUrl,
    jwtIssuer,
    jwtAudience,
    jwtAccountClaim,
    ...rest
  } = values;
  const dataDir = resolve(values.dataDir);
  const encoders = values.encoders ?? defaultEncoders(availableParallelism());
  return {
    ...rest,
    dataDir,
    databaseUrl: values.databaseUrl ?? pathToFileURL(resolve(dataDir, 'mediahooks.sqlite')),
    encoders,
    mediaLimits: Object.freeze({
      maxPixels: maxFramePixels,
      maxDurationSeconds,
      encodeTimeMs,
      encodeTimeRatio,
      memoryBytes: encoderMemoryBytes ?? memoryPerEncoder(availableMemory(), encoders),
      outputBytes: maxEncodedBytes,
      threads: threadsPerEncoder(availableParallelism(), encoders),
    }),
    identityProvider: identityProviderOf({ jwksUrl, jwtIssuer, jwtAudience, jwtAccountClaim }),
  };
}

/**
 * Returns the identity provider; `null` if none is configured. The provider's URL, issuer and
 * audience must be set together: without an audience, the API would accept tokens that the provider
 * issues for other services.
 * @throws ConfigError if only some of the three are set
 */
function identityProviderOf({
  jwksUrl,
  jwtIssuer: issuer,
  jwtAudience: audience,
  jwtAccountClaim: accountClaim,
}: Pick<SettingValues, IdentityProviderKey>): IdentityProviderConfig | null {
  if (jwksUrl && issuer !== null && audience !== null) return { jwksUrl, issuer, audience, accountClaim };
  const given = {
    MEDIAHOOKS_JWKS_URL: jwksUrl,
    MEDIAHOOKS_JWT_ISSUER: issuer,
    MEDIAHOOKS_JWT_AUDIENCE: audience,
  };
  if (Object.values(given).every((value) => value === null)) return null;
  const missing = Object.entries(given).find(([, value]) => value === null)?.[0];
  throw new ConfigError(
    `${missing}: expected a value, because ${Object.keys(given).join(', ')} must be set together`,
  );
}
