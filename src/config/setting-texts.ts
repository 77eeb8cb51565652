import { ConfigError } from './config-error.ts';
import { serviceVariables } from './kubernetes.ts';
import { SETTINGS, type SettingName } from './settings.ts';
import { readSettingsFile } from './settings-file.ts';
import { readSmallFile } from './small-file.ts';

/** Ending of the variables that name the file of a secret: `MEDIAHOOKS_METRICS_TOKEN_FILE`. */
const FILE = '_FILE';

/** The text of one setting, and where it was found. */
export interface SettingText {
  readonly text: string;
  /** Whether the variable is in the environment of the process, or in the settings file. */
  readonly origin: 'environment' | 'settings file';
  /** Path of the file that holds the secret. `null`: the variable itself holds the text. */
  readonly secretFile: string | null;
}

export interface SettingTexts {
  readonly texts: ReadonlyMap<SettingName, SettingText>;
  /** Names of variables in the environment that Kubernetes sets, and that are therefore ignored. */
  readonly ignored: readonly string[];
}

/**
 * Finds the texts of all settings, in the environment and in the settings file. A setting in the environment precedes
 * that of the file. Each secret can also be in a file of its own, which another variable names.
 * @param settingsFile `null`: there is no settings file
 * @throws ConfigError for an unknown variable, and for a file that can't be used
 */
export function findSettingTexts(env: NodeJS.ProcessEnv, settingsFile: string | null): SettingTexts {
  const ignored = serviceVariables(env);
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !ignored.has(name)));
  const fromFile = settingsFile === null ? {} : readSettingsFile(settingsFile);
  for (const name of [...Object.keys(own), ...Object.keys(fromFile)]) refuseUnknown(name);
  const texts = new Map<SettingName, SettingText>();
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const found = textOf(name, own, 'environment') ?? textOf(name, fromFile, 'settings file');
    if (found) texts.set(name, found);
  }
  return { texts, ignored: [...ignored].toSorted() };
}

/** Returns the name that an error gives to a setting: the variable that was set, and the file of a secret. */
export function shownName(name: SettingName, secretFile: string | null): string {
  return secretFile === null ? name : `${name}${FILE}: the file ${secretFile}`;
}

function refuseUnknown(variable: string): void {
  if (!variable.startsWith('MEDIAHOOKS_') || variable in SETTINGS) return;
  const name = variable.slice(0, -FILE.length);
  const isOfSetting = variable.endsWith(FILE) && name in SETTINGS;
  if (isOfSetting && SETTINGS[name as SettingName].isSecret) return;
  const hint = isOfSetting ? ', because only secrets can be in a file of their own' : '';
  const names = Object.keys(SETTINGS).join(', ');
  throw new ConfigError(`${variable} is not a setting${hint}; the settings are ${names}`);
}

function textOf(
  name: SettingName,
  variables: NodeJS.Dict<string>,
  origin: SettingText['origin'],
): SettingText | null {
  const text = variables[name];
  const secretFile = SETTINGS[name].isSecret ? variables[name + FILE] : undefined;
  if (text !== undefined && secretFile !== undefined) {
    throw new ConfigError(`${name} and ${name}${FILE}: expected only one of the two`);
  }
  if (secretFile !== undefined) return { text: secretIn(secretFile, name), origin, secretFile };
  return text === undefined ? null : { text, origin, secretFile: null };
}

function secretIn(path: string, name: SettingName): string {
  if (path === '') throw new ConfigError(`${name}${FILE}: expected the path of a file`);
  let text: string;
  try {
    text = readSmallFile(path);
  } catch (cause) {
    throw new ConfigError(`${shownName(name, path)} ${(cause as Error).message}`, { cause });
  }
  if (text.trim() === '') throw new ConfigError(`${shownName(name, path)} is empty`);
  return text;
}
