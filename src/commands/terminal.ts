import { type Config, readConfig } from '../config/config.ts';
import { type SettingInForce, settingsInForce } from '../config/settings-in-force.ts';

/** Surroundings of a command: the settings, and where it prints. */
export interface Terminal {
  /** Returns the settings. Throws `ConfigError` when one is unknown or malformed. */
  readonly config: () => Config;
  /** Returns the settings one by one, with the source of each. */
  readonly settings: () => SettingInForce[];
  /** Prints a line on standard output. */
  readonly print: (line: string) => void;
}

export const terminal: Terminal = {
  config: () => readConfig(),
  settings: () => settingsInForce(),
  print: (line) => void process.stdout.write(`${line}\n`),
};
