import { type Config, readConfig } from '../config/config.ts';
import { type SettingInForce, settingsInForce } from '../config/settings-in-force.ts';

/** What a command works with. */
export interface Terminal {
  /** Throws `ConfigError` for a setting that is unknown or malformed. */
  readonly config: () => Config;
  /** The same settings, one by one. */
  readonly settings: () => SettingInForce[];
  /** Prints a line for whoever or whatever called. */
  readonly print: (line: string) => void;
}

export const terminal: Terminal = {
  config: () => readConfig(),
  settings: () => settingsInForce(),
  print: (line) => void process.stdout.write(`${line}\n`),
};
