import type { Terminal } from './terminal.ts';

/** `check-config`: prints the settings in force; a malformed one has ended the command before. */
export async function checkConfig({ config, print }: Terminal): Promise<void> {
  for (const [name, value] of Object.entries(config())) {
    const isSecret = name === 'metricsToken' && value !== null;
    const text = isSecret ? '[set]' : value instanceof URL ? value.href : JSON.stringify(value);
    print(`${name.padEnd(20)} ${text}`);
  }
}
