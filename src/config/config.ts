import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MediaLimits } from '../domain/media-limits.ts';
import { ConfigError } from './config-error.ts';
import { availableMemory, defaultEncoders, memoryPerEncoder, threadsPerEncoder } from './encoder-shares.ts';
import { findSettingTexts, type SettingText, type SettingTexts, shownName } from './setting-texts.ts';
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
  /** Names of variables that Kubernetes sets, and that are therefore no settings: see `serviceVariables`. */
  readonly ignoredVariables: readonly string[];
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
 * Reads and validates all settings in `env`, and in the settings file. No other function reads settings from the environment.
 * @param settingsFile path of the settings file; `null`: there is no such file
 * @throws ConfigError for the first setting that is unknown, malformed or missing
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env, settingsFile: string | null = null): Config {
  return configFrom(findSettingTexts(env, settingsFile));
}

/**
 * Validates the texts of all settings.
 * @throws ConfigError for the first setting that is malformed or missing
 */
export function configFrom({ texts, ignored }: SettingTexts): Config {
  return Object.freeze({ ...configOf(valuesIn(texts)), ignoredVariables: ignored });
}

function valuesIn(texts: SettingTexts['texts']): SettingValues {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const { key, isDerived, default: fallback } = SETTINGS[name];
    const found = texts.get(name);
    values[key] = !found && isDerived ? null : parsed(name, found?.text ?? fallback, found);
  }
  return values as SettingValues;
}

function parsed(name: SettingName, text: string, found: SettingText | undefined): unknown {
  const { parse, isSecret } = SETTINGS[name];
  try {
    return parse(text.trim());
  } catch (cause) {
    const got = isSecret ? '' : `, got ${JSON.stringify(text)}`;
    const message = `${shownName(name, found?.secretFile ?? null)}: ${(cause as Error).message}${got}`;
    throw new ConfigError(message, { cause });
  }
}

function configOf(values: SettingValues): Omit<Config, 'ignoredVariables'> {
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
