import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../service/api-client.ts';
import type { DeliverySeen } from '../service/deliveries.ts';
import { untilAnswering } from '../service/until-answering.ts';
import type { Pause, Resend } from './delivery-history.ts';

/** Between two things that owners do. */
const PAUSE_MS = { from: 50, to: 300 };
/** Who do so at the same time, each with webhooks of their own. */
const OWNERS = 2;
/** How long a webhook is paused, beyond the time that attempts may last that are under way. */
const LONGEST_PAUSE_MS = 500;

export interface OwnedWebhook {
  readonly id: string;
  readonly owner: ApiClient;
}

export interface OwnersOptions {
  /** Of the service. */
  readonly url: string;
  readonly webhooks: readonly OwnedWebhook[];
  readonly random: () => number;
  /** How long an attempt may last. */
  readonly attemptMs: number;
  /** Ends it all, whether or not the service is there. */
  readonly signal: AbortSignal;
}

/** Owners of webhooks who send again, recover, pause and resume, while the service comes and goes. */
export class UnreliableOwners {
  readonly #options: OwnersOptions;
  readonly #since = new Date().toISOString();
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

  /** Fulfils when nothing is paused any more. The service is to be there. */
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
    await delay(attemptMs + random() * LONGEST_PAUSE_MS);
    const until = Date.now();
    // Whether or not an answer came, it may be paused.
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

  /** What was answered; null when no answer came. */
  async #call({ owner }: OwnedWebhook, status: number, method: string, path: string, json?: unknown) {
    const answer = await owner.call(method, path, json).catch(() => null);
    // 503: it is stopping. 409: so many recoveries are running as may.
    if (answer === null || answer.status === 503 || answer.status === 409) return null;
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body.data;
  }
}
