import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const COMMAND = new URL('../script/mediahooks', import.meta.url).pathname;

export interface Credentials {
  readonly public_key: string;
  readonly secret_key: string;
}

/**
 * Starts the service as a user would, with a data folder of its own. The service is allowed to send requests
 * to receivers on this machine.
 */
export async function startService(dataDir: string) {
  const env = {
    ...process.env,
    MEDIAHOOKS_DATA_DIR: dataDir,
    MEDIAHOOKS_PORT: '0',
    MEDIAHOOKS_EGRESS_ALLOW: '127.0.0.1/32',
    MEDIAHOOKS_LOG_LEVEL: 'warn',
  };
  const run = promisify(execFile);
  const { stdout } = await run(COMMAND, ['account', 'create', '--email', 'demo@example.com', '--json'], {
    env,
  });
  const credentials: Credentials = JSON.parse(stdout);

  const child = spawn(COMMAND, ['serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await listeningUrl(child.stdout);
  return {
    url,
    credentials,
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function listeningUrl(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const url = /listens on (http:\S+)/.exec(line)?.[1];
    if (url) return url;
  }
  throw new Error('the service ended before it listened');
}
