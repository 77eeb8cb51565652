import { type Config, readConfig } from '../config/config.ts';
import { type SettingInForce, settingsInForce } from '../config/settings-in-force.ts';

/** Input and output of a command: the settings that it reads, and the function that prints its lines. */
export interface Terminal {
  /** Returns the settings. Throws `ConfigError` when a setting is unknown or malformed. */
  readonly config: () => Config;
  /** Returns every setting with its value, and whether the environment sets it. */
  readonly settings: () => SettingInForce[];
  /** Prints a line on standard output. */
  readonly print: (line: string) => void;
}

export const terminal: Terminal = {
  config: () => readConfig(),
  settings: () => settingsInForce(),
  print: (line) => void process.stdout.write(`${line}\n`),
};
