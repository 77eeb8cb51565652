import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../service/api-client.ts';
import type { DeliverySeen } from '../service/deliveries.ts';
import { untilAnswering } from '../service/until-answering.ts';
import type { Pause, Resend } from './delivery-history.ts';

/** Milliseconds between two actions of an owner. */
const PAUSE_MS = { from: 50, to: 300 };
/** Number of owners that act at the same time. Each has other webhooks. */
const OWNERS = 2;
/** Maximum milliseconds for which a webhook stays paused after all attempts in flight have ended. */
const MAX_PAUSE_MS = 500;

export interface OwnedWebhook {
  readonly id: string;
  readonly owner: ApiClient;
}

export interface OwnersOptions {
  /** URL of the service. */
  readonly url: string;
  readonly webhooks: readonly OwnedWebhook[];
  readonly random: () => number;
  /** Maximum duration of an attempt, in milliseconds. */
  readonly attemptMs: number;
  /** Ends the owners when it is aborted, whether the service runs or not. */
  readonly signal: AbortSignal;
}

/**
 * Owners who resend deliveries singly and in bulk, and pause and resume webhooks, while the service is ended
 * and started again.
 */
export class UnreliableOwners {
  readonly #options: OwnersOptions;
  /** Before the run, also for a service whose clock is set back by some minutes. */
  readonly #since = new Date(Date.now() - 600_000).toISOString();
  readonly #stopped = new AbortController();
  readonly #acting: Promise<void>[];
  readonly resends: Resend[] = [];
  readonly pauses: Pause[] = [];

  constructor(options: OwnersOptions) {
    this.#options = options;
    this.#acting = Array.from({ length: OWNERS }, (_, owner) =>
      this.#act(options.webhooks.filter((_, n) => n % OWNERS === owner)),
    );
  }

  /** Stops the owners. Fulfils when no webhook is paused. The service must be running. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#acting);
  }

  async #act(webhooks: readonly OwnedWebhook[]): Promise<void> {
    const { url, random, signal } = this.#options;
    for (;;) {
      await untilAnswering(url, signal);
      if (this.#stopped.signal.aborted || signal.aborted) return;
      const webhook = webhooks[Math.floor(random() * webhooks.length)] as OwnedWebhook;
      const act = random();
      if (act < 0.15) await this.#pause(webhook);
      else if (act < 0.25) await this.#recover(webhook);
      else await this.#resend(webhook);
      await delay(PAUSE_MS.from + random() * (PAUSE_MS.to - PAUSE_MS.from));
    }
  }

  async #pause(webhook: OwnedWebhook): Promise<void> {
    const { url, signal, attemptMs, random } = this.#options;
    const path = `/webhooks/${webhook.id}`;
    const isPaused = await this.#call(webhook, 200, 'POST', `${path}/pause`);
    const from = Date.now() + attemptMs;
    await delay(attemptMs + random() * MAX_PAUSE_MS);
    const until = Date.now();
    // The webhook is always resumed, because it might be paused even if no answer came.
    while (!(await this.#call(webhook, 200, 'POST', `${path}/resume`)) && !signal.aborted)
      await untilAnswering(url, signal);
    if (isPaused) this.pauses.push({ webhookId: webhook.id, from, until });
  }

  async #recover(webhook: OwnedWebhook): Promise<void> {
    this.resends.push({ webhookId: webhook.id, id: null });
    await this.#call(webhook, 202, 'POST', `/webhooks/${webhook.id}/recover`, { since: this.#since });
  }

  async #resend(webhook: OwnedWebhook): Promise<void> {
    const state = this.#options.random() < 0.5 ? 'failed' : 'succeeded';
    const path = `/webhooks/${webhook.id}/deliveries?limit=50&state=${state}`;
    const found: DeliverySeen[] = (await this.#call(webhook, 200, 'GET', path))?.deliveries ?? [];
    const delivery = found[Math.floor(this.#options.random() * found.length)];
    if (!delivery) return;
    this.resends.push({ webhookId: webhook.id, id: delivery.event_id });
    await this.#call(webhook, 202, 'POST', `/deliveries/${delivery.id}/retry`);
  }

  /**
   * Calls the API and returns the data of the answer. `null`: no answer came, or the service could not do it
   * now.
   */
  async #call({ owner }: OwnedWebhook, status: number, method: string, path: string, json?: unknown) {
    const answer = await owner.call(method, path, json).catch(() => null);
    // The service answers with 503 while it is stopping, and with 409 while the maximum number of bulk
    // resends is running.
    if (answer === null || answer.status === 503 || answer.status === 409) return null;
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body.data;
  }
}
