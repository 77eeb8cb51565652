import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Credentials, createAccountWithToken } from '../../../src/accounts/create-account.ts';
import { type Config, readConfig } from '../../../src/config/config.ts';
import { ORDINARY_PORTS } from '../../../src/delivery/egress/ports.ts';
import { openStoredData } from '../../../src/service/open-data.ts';
import { ApiClient } from './api-client.ts';
import { type ProgramEnd, type RunningCommand, startCommand, startProgram } from './command.ts';
import { testEnvironment } from './service.ts';

/**
 * Ports for the service. The range is below the one from which the kernel takes ports for outgoing
 * connections, so that no other process gets the port between two starts of the service.
 */
const PORTS = { from: 20_000, to: 32_000 } as const;

export interface ServiceProcessOptions {
  /** Path of the data folder. Left out: `create` makes a folder, and `remove` removes it. */
  readonly dataDir?: string;
  readonly settings?: Record<string, string>;
  /** Descriptor to which the service writes its log. Left out: the end of the service has its log. */
  readonly log?: number;
}

/**
 * The service, running as operators run it: as a process of its own. It can be killed and started again on
 * the same data.
 */
export class ServiceProcess {
  readonly dataDir: string;
  /** URL of the service, the same after each start. */
  readonly url: string;
  /** Client for the API, as an ordinary account. */
  readonly client: ApiClient;
  /** Client for the API, as an operator. */
  readonly operator: ApiClient;
  readonly #environment: Record<string, string>;
  readonly #ownsDataDir: boolean;
  readonly #log: number | undefined;
  #running: RunningCommand | null = null;
  /** Commands of `run` that are running. */
  readonly #commands = new Set<RunningCommand>();

  private constructor(given: {
    dataDir: string;
    ownsDataDir: boolean;
    environment: Record<string, string>;
    url: string;
    client: ApiClient;
    operator: ApiClient;
    log: number | undefined;
  }) {
    this.dataDir = given.dataDir;
    this.#ownsDataDir = given.ownsDataDir;
    this.#log = given.log;
    this.#environment = given.environment;
    this.url = given.url;
    this.client = given.client;
    this.operator = given.operator;
  }

  /** Prepares the service with an account and an operator, without starting it. */
  static async create({ dataDir, settings = {}, log }: ServiceProcessOptions = {}): Promise<ServiceProcess> {
    const dir = dataDir ?? (await mkdtemp(join(tmpdir(), 'mediahooks-crash-')));
    const port = await freePort();
    const environment = { ...testEnvironment(dir), MEDIAHOOKS_PORT: String(port), ...settings };
    const url = `http://127.0.0.1:${port}`;
    const [client, operator] = await createAccounts(readConfig(environment), url);
    return new ServiceProcess({
      dataDir: dir,
      ownsDataDir: dataDir === undefined,
      environment,
      log,
      url,
      client,
      operator,
    });
  }

  /** Prepares the service on a data folder that has accounts, without starting it. */
  static async on(
    dataDir: string,
    credentials: Readonly<Record<'client' | 'operator', Credentials>>,
    settings: Record<string, string> = {},
  ): Promise<ServiceProcess> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    return new ServiceProcess({
      dataDir,
      ownsDataDir: false,
      environment: { ...testEnvironment(dataDir), MEDIAHOOKS_PORT: String(port), ...settings },
      log: undefined,
      url,
      client: new ApiClient(url, credentials.client),
      operator: new ApiClient(url, credentials.operator),
    });
  }

  get pid(): number {
    const pid = this.#running?.child.pid;
    if (pid === undefined) throw new Error('the service is not running');
    return pid;
  }

  /** Process of the service. */
  get child(): RunningCommand['child'] {
    return this.#running?.child ?? assert.fail('the service is not running');
  }

  /** Whether the process of the service is running. */
  get isAlive(): boolean {
    return (
      this.#running !== null &&
      this.#running.child.exitCode === null &&
      this.#running.child.signalCode === null
    );
  }

  /** Starts the process without waiting until the service listens. */
  spawn(settings: Record<string, string> = {}): void {
    if (this.isAlive) throw new Error('the service is running already');
    this.#running = startProgram(['serve'], { ...this.#environment, ...settings }, { log: this.#log });
  }

  /**
   * Starts the service, with `settings` in addition to those of `create`. Fulfils when the service listens.
   */
  async start(settings: Record<string, string> = {}): Promise<void> {
    this.spawn(settings);
    const running = this.#running as RunningCommand;
    const listens = new Promise<void>((fulfil) => {
      createInterface({ input: running.child.stdout }).on('line', (line) => {
        if (line.includes('listens on')) fulfil();
      });
    });
    const ended = running.end.then((end) => {
      throw new Error(`the service ended before it listened: ${JSON.stringify(end)}`);
    });
    await Promise.race([listens, ended]);
  }

  /**
   * Kills the service with SIGKILL. Fulfils when the process has ended. Does nothing if the service is not
   * running.
   */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Asks the service to stop. Fulfils when the process has ended. */
  async terminate(): Promise<ProgramEnd> {
    return (await this.#end('SIGTERM')) ?? Promise.reject(new Error('the service is not running'));
  }

  /** Fulfils when the service has ended without a signal from the test. */
  async end(): Promise<ProgramEnd> {
    return (await this.#end(null)) ?? Promise.reject(new Error('the service is not running'));
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /**
   * Runs another command of the program with the same settings, and waits for its end.
   * @param kill kills the command with SIGKILL when it is aborted
   */
  run(
    args: readonly string[],
    settings: Record<string, string> = {},
    kill?: AbortSignal,
  ): Promise<ProgramEnd> {
    const command = startCommand(args, { ...this.#environment, ...settings });
    this.#commands.add(command);
    kill?.addEventListener('abort', () => command.child.kill('SIGKILL'));
    return command.end.finally(() => this.#commands.delete(command));
  }

  /** Kills the service and the commands of `run`. Removes the data folder if `create` made it. */
  async remove(): Promise<void> {
    await this.kill();
    for (const { child, end } of this.#commands) {
      child.kill('SIGKILL');
      await end;
    }
    if (this.#ownsDataDir) await rm(this.dataDir, { recursive: true, force: true, maxRetries: 3 });
  }

  async #end(signal: NodeJS.Signals | null): Promise<ProgramEnd | null> {
    const running = this.#running;
    if (!running) return null;
    if (signal) running.child.kill(signal);
    const end = await running.end;
    this.#running = null;
    return end;
  }
}

async function createAccounts(config: Config, url: string): Promise<[ApiClient, ApiClient]> {
  const opened = await openStoredData(config);
  try {
    const account = async (email: string, isOperator: boolean) =>
      new ApiClient(url, await createAccountWithToken(opened, { email, isOperator, now: Date.now() }, null));
    return [await account('user@example.com', false), await account('operator@example.com', true)];
  } finally {
    await opened.storage.close();
  }
}

/** Returns a port on which nothing listens, and which webhooks are allowed to use. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    if (ORDINARY_PORTS(port) && (await isFree(port))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
