import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { basicHeaders } from '../../test/support/service/api-client.ts';
import { memoryMiB } from '../../test/support/service/processes.ts';
import { ServiceProcess } from '../../test/support/service/service-process.ts';
import { cpuSeconds } from './process-usage.ts';
import type { LoadResult, LoadTask } from './programs/load.ts';
import type { ProbeResult, ProbeTask } from './programs/probe.ts';
import { runProgram } from './run-program.ts';
import { createSubscribers } from './seed.ts';

/**
 * The service, running as a process of its own. Its database has accounts with webhooks. An operator
 * publishes events for these accounts.
 */
export class ServiceUnderLoad {
  readonly process: ServiceProcess;
  /** Ids of the accounts, in the order of the `subscribers` that were passed to `create`. */
  readonly userIds: readonly string[];
  #database: DatabaseSync | null = null;

  private constructor(process: ServiceProcess, userIds: readonly string[]) {
    this.process = process;
    this.userIds = userIds;
  }

  /**
   * Prepares the service without starting it. @param subscribers URLs of the webhooks, one list for each
   * account
   */
  static async create(
    subscribers: readonly (readonly string[])[],
    settings: Record<string, string> = {},
  ): Promise<ServiceUnderLoad> {
    const service = await ServiceProcess.create({ settings });
    return new ServiceUnderLoad(service, await createSubscribers(service.dataDir, subscribers));
  }

  static async start(...args: Parameters<typeof ServiceUnderLoad.create>): Promise<ServiceUnderLoad> {
    const service = await ServiceUnderLoad.create(...args);
    await service.process.start();
    return service;
  }

  /** CPU seconds that all threads of the service have used. */
  get cpuSeconds(): number {
    return cpuSeconds(this.process.pid);
  }

  get memory(): { now: number; peak: number } {
    return memoryMiB(this.process.pid);
  }

  /** Publishes events as fast as the service accepts them. Fulfils when all are accepted. */
  publish(load: Partial<LoadTask> & Pick<LoadTask, 'batch' | 'inFlight'>): Promise<LoadResult> {
    const limits = { total: Number.MAX_SAFE_INTEGER, seconds: 3600, userIds: this.userIds };
    return runProgram('load.ts', { ...limits, ...this.#access(), ...load } satisfies LoadTask);
  }

  /** Publishes events at an even rate, and measures the time until they arrive. */
  probe(task: Omit<ProbeTask, 'url' | 'authorization' | 'userIds'>): Promise<ProbeResult> {
    return runProgram('probe.ts', { ...task, ...this.#access(), userIds: this.userIds } satisfies ProbeTask);
  }

  /** Fulfils when no delivery is pending. */
  async untilDelivered(): Promise<void> {
    while (this.count(`deliveries where state = 'pending'`) > 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /**
   * Counts rows of the database, through a connection that is not the service's. @param what table, with or
   * without a `where`
   */
  count(what: string): number {
    this.#database ??= new DatabaseSync(join(this.process.dataDir, 'mediahooks.sqlite'), { readOnly: true });
    return (this.#database.prepare(`select count(*) as n from ${what}`).get() as { n: number }).n;
  }

  async remove(): Promise<void> {
    this.#database?.close();
    await this.process.remove();
  }

  #access(): Pick<LoadTask, 'url' | 'authorization'> {
    const { url, operator } = this.process;
    const { publicKey, secretKey } = operator.credentials;
    return { url, ...basicHeaders(publicKey, secretKey) };
  }
}
