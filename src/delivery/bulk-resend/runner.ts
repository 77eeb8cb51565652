import type { BulkResend } from '../../domain/bulk-resend.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Lifecycle } from '../../platform/lifecycle.ts';
import type {
  BulkResendPage,
  BulkResendProgress,
  BulkResendStep,
  BulkResendStore,
} from '../../storage/contracts/bulk-resends.ts';
import type { Cursor } from '../../storage/contracts/page.ts';

export interface BulkResendRunnerOptions {
  readonly store: BulkResendStore;
  readonly logger: Logger;
  readonly now: () => number;
  /** Returns the time of the steady clock. The pace is measured by it. */
  readonly steadyNow: () => number;
  /** Maximum number of deliveries of one webhook that are queued per second. */
  readonly rate: number;
  /** Maximum number of requests in flight to a webhook that sets no maximum of its own. */
  readonly concurrencyPerWebhook: number;
  /** Returns the number of deliveries of a webhook in memory. */
  readonly bufferedFor: (webhookId: string) => number;
  /** Called when deliveries were made due in the database. */
  readonly onQueued: () => void;
}

/**
 * Milliseconds between two steps. A step queues some deliveries of several webhooks in one transaction. The
 * interval is short, so that each step can be small and does not delay other transactions.
 */
const STEP_MS = 100;
/** Number of unfinished bulk resends that one query reads when the runner starts. */
const UNFINISHED_PER_PAGE = 500;
/**
 * Maximum milliseconds between two steps while nothing can be queued, because webhooks are paused or busy.
 */
const MAX_STEP_MS = 1_000;
/**
 * Maximum number of webhooks in one step, so that its transaction is short. Further webhooks follow in the
 * next steps.
 */
const WEBHOOKS_PER_STEP = 20;

/** Webhook whose failed deliveries are being sent again. */
interface ResendingWebhook {
  /** Ids of the webhook's bulk resends, oldest first. The first bulk resend is in progress. */
  readonly ids: string[];
  /** Number of deliveries that the rate limit allowed to be queued at the time `allowanceAt`. */
  allowance: number;
  /** When `allowance` was computed, by the steady clock. */
  allowanceAt: number;
}

/**
 * Carries out bulk resends, a few deliveries at a time. Resent deliveries never delay new ones: deliveries of
 * a webhook are queued only while the webhook has fewer deliveries in memory than its maximum number of
 * requests in flight, and no due delivery in the database. The storage checks both conditions. The progress
 * is in the database, so that the runner can resume after a restart.
 */
export class BulkResendRunner implements Lifecycle {
  readonly #options: BulkResendRunnerOptions;
  /**
   * Webhooks with unfinished bulk resends, by id. The webhook that has waited longest for a step comes first.
   */
  readonly #webhooks = new Map<string, ResendingWebhook>();
  #timer: NodeJS.Timeout | null = null;
  #step: Promise<void> | null = null;
  /** Milliseconds from the last step to the next one. */
  #delayMs = STEP_MS;
  #isRunning = false;

  constructor(options: BulkResendRunnerOptions) {
    this.#options = options;
  }

  /** Resumes the bulk resends that an earlier process left unfinished. */
  async start(): Promise<void> {
    this.#isRunning = true;
    let after: Cursor | null = null;
    do {
      const page: BulkResendPage = await this.#options.store.running(after, UNFINISHED_PER_PAGE);
      for (const bulkResend of page.items) this.add(bulkResend);
      ({ after } = page);
    } while (after !== null);
  }

  /**
   * Adds a bulk resend that is stored in the database, so that the next steps carry it out. Does nothing if
   * the bulk resend was added before, or has ended.
   */
  add({ id, webhookId, state }: BulkResend): void {
    if (!this.#isRunning || state !== 'running') return;
    const { rate, steadyNow } = this.#options;
    const webhook = this.#webhooks.getOrInsertComputed(webhookId, () => {
      return { ids: [], allowance: allowanceAfter(STEP_MS, rate), allowanceAt: steadyNow() };
    });
    if (webhook.ids.includes(id)) return;
    webhook.ids.push(id);
    if (!this.#timer && !this.#step) this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#step;
  }

  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#step = this.#advance().then((hasAdvanced) => {
        this.#step = null;
        this.#delayMs = hasAdvanced ? STEP_MS : Math.min(2 * this.#delayMs, MAX_STEP_MS);
        if (this.#isRunning && this.#webhooks.size > 0) this.#schedule(this.#delayMs);
      });
    }, delayMs);
  }

  /**
   * Makes one step for some webhooks, in one transaction. Never rejects.
   * @returns `false` if the next step should wait longer, because nothing was queued or the step failed
   */
  async #advance(): Promise<boolean> {
    const { store, logger, now, steadyNow, onQueued } = this.#options;
    const nextSteps = this.#nextWebhooks().map(([webhookId, webhook]) => {
      return { webhookId, step: this.#stepOf(webhookId, webhook) };
    });
    const allowed = nextSteps.filter(({ step }) => step.limit >= 1);
    // Returns `true` although nothing was queued, because the webhooks have only reached the rate limit. The
    // next step then follows after the usual interval.
    if (allowed.length === 0) return true;
    try {
      const steps = allowed.map(({ step }) => step);
      const progress = await store.advance(steps, now(), steadyNow());
      for (const [index, { webhookId }] of allowed.entries()) this.#note(webhookId, progress[index]);
      if (progress.some(({ queued }) => queued > 0)) onQueued();
      return progress.some(({ queued, isRunning }) => queued > 0 || !isRunning);
    } catch (error) {
      logger.error({ err: error }, 'failed deliveries could not be queued again');
      return false;
    }
  }

  /** Returns the webhooks of the next step, and moves these webhooks to the end of the order. */
  #nextWebhooks(): [string, ResendingWebhook][] {
    const next = this.#webhooks.entries().take(WEBHOOKS_PER_STEP).toArray();
    for (const [webhookId, webhook] of next) {
      this.#webhooks.delete(webhookId);
      this.#webhooks.set(webhookId, webhook);
    }
    return next;
  }

  #stepOf(webhookId: string, webhook: ResendingWebhook): BulkResendStep {
    const { rate, steadyNow, bufferedFor, concurrencyPerWebhook: maxInFlight } = this.#options;
    const at = steadyNow();
    // `allowance` grows at most to the number of deliveries that `rate` allows within twice `STEP_MS`. Otherwise it
    // would grow for as long as the webhook is busy, and all these deliveries would then be queued in one burst.
    const maxAllowance = Math.max(1, allowanceAfter(2 * STEP_MS, rate));
    const earned = allowanceAfter(at - webhook.allowanceAt, rate);
    webhook.allowance = Math.min(maxAllowance, webhook.allowance + earned);
    webhook.allowanceAt = at;
    const limit = Math.floor(webhook.allowance);
    return { id: webhook.ids[0] ?? '', limit, buffered: bufferedFor(webhookId), maxInFlight };
  }

  #note(webhookId: string, progress: BulkResendProgress | undefined): void {
    const webhook = this.#webhooks.get(webhookId);
    if (!webhook || !progress) return;
    webhook.allowance -= progress.queued;
    if (progress.isRunning) return;
    webhook.ids.shift();
    if (webhook.ids.length === 0) this.#webhooks.delete(webhookId);
  }
}

/** Returns the number of deliveries that the rate limit allows to be queued within `ms` milliseconds. */
function allowanceAfter(ms: number, rate: number): number {
  return (rate * ms) / 1000;
}
