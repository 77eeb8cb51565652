import { type Config, configFrom } from './config.ts';
import { findSettingTexts } from './setting-texts.ts';
import { SETTINGS, type SettingName } from './settings.ts';

const MIB = 1024 * 1024;

export interface SettingInForce {
  readonly name: SettingName;
  /**
   * Text of the value that applies. A secret is shown as `(hidden)`, with the file that holds it. In the egress proxy's
   * URL, only the credentials are hidden.
   */
  readonly value: string;
  /** Where the setting is set. `null`: it is not set, and the default applies. */
  readonly setIn: 'environment' | 'settings file' | null;
}

/**
 * Returns the configuration, and all settings with the values that apply.
 * @param settingsFile path of the settings file; `null`: there is no such file
 * @throws ConfigError if a setting is unknown, malformed or missing
 */
export function settingsInForce(
  env: NodeJS.ProcessEnv = process.env,
  settingsFile: string | null = null,
): { readonly config: Config; readonly settings: readonly SettingInForce[] } {
  const found = findSettingTexts(env, settingsFile);
  const config = configFrom(found);
  const { dataDir, databaseUrl, encoders, mediaLimits, egressProxy } = config;
  const derivedValues: Partial<Record<SettingName, string>> = {
    MEDIAHOOKS_DATA_DIR: dataDir,
    MEDIAHOOKS_DATABASE_URL: databaseUrl.href,
    MEDIAHOOKS_ENCODERS: String(encoders),
    MEDIAHOOKS_ENCODER_MEMORY: String(mediaLimits.memoryBytes / MIB),
    ...(egressProxy && { MEDIAHOOKS_EGRESS_PROXY: egressProxy.shown }),
  };
  const settings = (Object.keys(SETTINGS) as SettingName[]).map((name) => {
    const { isSecret, default: fallback } = SETTINGS[name];
    const { text, origin = null, secretFile = null } = found.texts.get(name) ?? {};
    const shown = isSecret && text ? '(hidden)' : (text?.trim() ?? fallback);
    const place = secretFile === null ? '' : ` from ${secretFile}`;
    return { name, value: `${derivedValues[name] ?? shown}${place}`, setIn: origin };
  });
  return { config, settings };
}
