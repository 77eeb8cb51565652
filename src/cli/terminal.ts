import { type Config, readConfig } from '../config.ts';

/** What a command works with. */
export interface Terminal {
  /** Throws `ConfigError` for a setting that is unknown or malformed. */
  readonly config: () => Config;
  /** Prints a line for whoever or whatever called. */
  readonly print: (line: string) => void;
}

export const terminal: Terminal = {
  config: () => readConfig(),
  print: (line) => void process.stdout.write(`${line}\n`),
};
