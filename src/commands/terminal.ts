import { type Config, readConfig } from '../config/config.ts';
import { settingsInForce } from '../config/settings-in-force.ts';

/** Input and output of a command: the settings that it reads, and the function that prints its lines. */
export interface Terminal {
  /** Returns the settings. Throws `ConfigError` when a setting is unknown or malformed. */
  readonly config: () => Config;
  /** Returns the settings, and every single one with its value and the place where it is set. */
  readonly settings: () => ReturnType<typeof settingsInForce>;
  /** Prints a line on standard output. */
  readonly print: (line: string) => void;
}

/**
 * Returns the terminal of this process.
 * @param settingsFile returns the path of the settings file, or `null` if none is given
 */
export function openTerminal(settingsFile: () => string | null): Terminal {
  return {
    config: () => readConfig(process.env, settingsFile()),
    settings: () => settingsInForce(process.env, settingsFile()),
    print: (line) => void process.stdout.write(`${line}\n`),
  };
}
