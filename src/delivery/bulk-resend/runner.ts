import type { BulkResend } from '../../domain/bulk-resend.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Lifecycle } from '../../platform/lifecycle.ts';
import type {
  BulkResendProgress,
  BulkResendStep,
  BulkResendStore,
} from '../../storage/contracts/bulk-resends.ts';

export interface BulkResendRunnerOptions {
  readonly store: BulkResendStore;
  readonly logger: Logger;
  readonly now: () => number;
  /** Deliveries queued in a second, for each webhook, at the most. */
  readonly rate: number;
  /** Requests under way at once to a webhook that names no number of its own. */
  readonly concurrencyPerWebhook: number;
  /** How many deliveries of a webhook are in memory. */
  readonly bufferedFor: (webhookId: string) => number;
  /** Told when deliveries were made due in the database. */
  readonly onQueued: () => void;
}

/** Between two steps, in milliseconds: short, so that each may be small and delays nobody. */
const STEP_MS = 100;
/** Up to here it grows while nothing can be queued: webhooks are paused, or busy with what is due by itself. */
const MAX_STEP_MS = 1_000;
/** Webhooks that one step serves, so that its transaction stays short. The others have their turn in the next. */
const WEBHOOKS_PER_STEP = 20;

interface ResendingWebhook {
  /** Recoveries of the webhook, oldest first; the first is under way. */
  readonly ids: string[];
  /** How many deliveries may be queued, by the rate, and when that was reckoned. */
  allowance: number;
  reckonedAt: number;
}

/**
 * Carries out recoveries, a few deliveries at a time. It queues for a webhook only while its requests under way leave
 * room, so that what is sent again never stands before what comes anew; the storage holds up a webhook of which
 * something is due. Where it stands is in the database: a restart goes on from there.
 */
export class BulkResendRunner implements Lifecycle {
  readonly #options: BulkResendRunnerOptions;
  /** By webhook, in the order of their turns. */
  readonly #recovering = new Map<string, ResendingWebhook>();
  #timer: NodeJS.Timeout | null = null;
  #step: Promise<void> | null = null;
  /** Milliseconds from the last step to the next. */
  #pauseMs = STEP_MS;
  #running = false;

  constructor(options: BulkResendRunnerOptions) {
    this.#options = options;
  }

  /** Goes on with what a process before left. */
  async start(): Promise<void> {
    const left = await this.#options.store.running();
    this.#running = true;
    for (const recovery of left) this.add(recovery);
  }

  /** Carries out a recovery that is in the database. One that it has already it does not take twice. */
  add({ id, webhookId, state }: BulkResend): void {
    if (!this.#running || state !== 'running') return;
    const { rate, now } = this.#options;
    const recovering = this.#recovering.getOrInsertComputed(webhookId, () => {
      return { ids: [], allowance: allowanceAfter(STEP_MS, rate), reckonedAt: now() };
    });
    if (recovering.ids.includes(id)) return;
    recovering.ids.push(id);
    if (!this.#timer && !this.#step) this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#running = false;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#step;
  }

  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#step = this.#advance().then((hasMoved) => {
        this.#step = null;
        this.#pauseMs = hasMoved ? STEP_MS : Math.min(2 * this.#pauseMs, MAX_STEP_MS);
        if (this.#running && this.#recovering.size > 0) this.#schedule(this.#pauseMs);
      });
    }, delayMs);
  }

  /** One transaction for some webhooks. Never rejects; false when they could not be moved. */
  async #advance(): Promise<boolean> {
    const { store, logger, now, onQueued } = this.#options;
    const turns = this.#takeTurns().map(([webhookId, recovering]) => {
      return { webhookId, step: this.#stepOf(webhookId, recovering) };
    });
    const able = turns.filter(({ step }) => step.limit >= 1);
    // The rate alone holds them up.
    if (able.length === 0) return true;
    try {
      const steps = able.map(({ step }) => step);
      const progress = await store.advance(steps, now());
      for (const [index, { webhookId }] of able.entries()) this.#note(webhookId, progress[index]);
      if (progress.some(({ queued }) => queued > 0)) onQueued();
      return progress.some(({ queued, isRunning }) => queued > 0 || !isRunning);
    } catch (error) {
      logger.error({ err: error }, 'failed deliveries could not be queued again');
      return false;
    }
  }

  /** The webhooks whose turn it is; they go to the end. */
  #takeTurns(): [string, ResendingWebhook][] {
    const turn = this.#recovering.entries().take(WEBHOOKS_PER_STEP).toArray();
    for (const [webhookId, recovering] of turn) {
      this.#recovering.delete(webhookId);
      this.#recovering.set(webhookId, recovering);
    }
    return turn;
  }

  #stepOf(webhookId: string, recovering: ResendingWebhook): BulkResendStep {
    const { rate, now, bufferedFor, concurrencyPerWebhook: maxInFlight } = this.#options;
    const at = now();
    // No more is saved up than two steps use: a webhook that was busy for a minute gets no minute's worth at once.
    const most = Math.max(1, allowanceAfter(2 * STEP_MS, rate));
    const earned = allowanceAfter(Math.max(0, at - recovering.reckonedAt), rate);
    recovering.allowance = Math.min(most, recovering.allowance + earned);
    recovering.reckonedAt = at;
    const limit = Math.floor(recovering.allowance);
    return { id: recovering.ids[0] ?? '', limit, buffered: bufferedFor(webhookId), maxInFlight };
  }

  #note(webhookId: string, progress: BulkResendProgress | undefined): void {
    const recovering = this.#recovering.get(webhookId);
    if (!recovering || !progress) return;
    recovering.allowance -= progress.queued;
    if (progress.isRunning) return;
    recovering.ids.shift();
    if (recovering.ids.length === 0) this.#recovering.delete(webhookId);
  }
}

function allowanceAfter(ms: number, rate: number): number {
  return (rate * ms) / 1000;
}
