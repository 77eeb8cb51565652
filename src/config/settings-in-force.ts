import { readConfig } from './config.ts';
import { SETTINGS, type SettingName } from './settings.ts';

const MIB = 1024 * 1024;

export interface SettingInForce {
  readonly name: SettingName;
  /**
   * Text of the value that applies. A secret is shown as `(hidden)`. In the egress proxy's URL, only the
   * credentials are hidden.
   */
  readonly value: string;
  /** Whether the environment sets the setting; if not, the default applies. */
  readonly isSet: boolean;
}

/**
 * Returns all settings with the values that apply.
 * @throws ConfigError if a setting is unknown, malformed or missing
 */
export function settingsInForce(env: NodeJS.ProcessEnv = process.env): SettingInForce[] {
  const { dataDir, databaseUrl, encoders, mediaLimits, egressProxy } = readConfig(env);
  const derivedValues: Partial<Record<SettingName, string>> = {
    MEDIAHOOKS_DATA_DIR: dataDir,
    MEDIAHOOKS_DATABASE_URL: databaseUrl.href,
    MEDIAHOOKS_ENCODERS: String(encoders),
    MEDIAHOOKS_ENCODER_MEMORY: String(mediaLimits.memoryBytes / MIB),
    ...(egressProxy && { MEDIAHOOKS_EGRESS_PROXY: egressProxy.shown }),
  };
  return (Object.keys(SETTINGS) as SettingName[]).map((name) => {
    const text = env[name];
    const { isSecret, default: fallback } = SETTINGS[name];
    const shown = isSecret && text ? '(hidden)' : (text?.trim() ?? fallback);
    return { name, value: derivedValues[name] ?? shown, isSet: text !== undefined };
  });
}
