import { Agent, buildConnector, type Dispatcher } from 'undici';
import { Slots } from '../../platform/slots.ts';
import type { ConnectProxy } from '../egress/connect-proxy.ts';
import { originOf } from '../egress/origin.ts';
import type { EgressPolicy } from '../egress/policy.ts';
import { explainFailure, type FailureKind, failureKind, ReceiverTimeout } from './explain-failure.ts';

/** What came of one HTTP request. A receiver's failure is a result, not an exception. */
export interface Exchange {
  /** The HTTP status, or null where no answer came. */
  readonly status: number | null;
  /** The first `RECORDED_BYTES` of the answer's body as text; null where no answer came. */
  readonly response: string | null;
  /** The header `Retry-After` of a 429 or a 503, as it came; null where there was none, or another status. */
  readonly retryAfter: string | null;
  /** Why the exchange is not whole, in words; null for a whole answer, whatever its status. */
  readonly error: string | null;
  /** The same for machines. */
  readonly failure: FailureKind | null;
  readonly durationMs: number;
  /** We ended it, to stop: it tells nothing of the receiver. */
  readonly isInterrupted: boolean;
}

export interface SenderOptions {
  readonly egress: EgressPolicy;
  /** From the start of connecting to the last byte of the answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Where receivers are reached through a proxy; the sender closes them. */
  readonly tunnels?: ConnectProxy | null;
}

/** An answer's body is read so far; what a receiver says beyond that nobody needs, and could be endless. */
const READ_BYTES = 64 * 1024;
/** Statuses whose `Retry-After` says when to come again: RFC 6585 section 4, RFC 9110 section 15.6.4. */
const BUSY_STATUSES: ReadonlySet<number> = new Set([429, 503]);
/** So much of it is kept with the attempt. */
const RECORDED_BYTES = 1024;

/** Makes POST requests to receivers over kept-alive connections, to addresses that the egress policy lets pass. */
export class Sender {
  readonly #agent: Agent;
  readonly #tunnels: ConnectProxy | null;
  readonly #timeoutMs: number;
  readonly #underWay = new Slots<Exchanging>();

  constructor({ egress, timeoutMs, tunnels = null }: SenderOptions) {
    const connect =
      tunnels?.connect ?? buildConnector({ lookup: egress.lookup, timeout: timeoutMs, allowH2: false });
    this.#tunnels = tunnels;
    this.#agent = new Agent({
      allowH2: false,
      // `Exchanging` bounds the whole exchange by one timer.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) => {
        try {
          // Of a literal address this is the only check, for it is never looked up.
          egress.check(options);
        } catch (error) {
          callback(error as Error, null);
          return;
        }
        connect(options, callback);
      },
    });
    this.#timeoutMs = timeoutMs;
  }

  /** Never rejects. @param url as `URL` writes it, without a fragment */
  post(url: string, headers: Record<string, string>, body: string): Promise<Exchange> {
    return new Promise((resolve) => {
      const exchanging = new Exchanging(this.#timeoutMs, (exchange) => {
        this.#underWay.take(slot);
        resolve(exchange);
      });
      const slot = this.#underWay.add(exchanging);
      try {
        const origin = originOf(url);
        const path = url.slice(origin.length);
        this.#agent.dispatch({ origin, path, method: 'POST', headers, body }, exchanging);
      } catch (error) {
        exchanging.end(error as Error);
      }
    });
  }

  /** How many exchanges are under way. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Ends the exchanges under way. */
  interrupt(): void {
    for (const exchanging of this.#underWay.all()) exchanging.interrupt();
  }

  /** Closes all connections; requests under way end as failed. */
  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#tunnels?.close()]);
  }
}

/** One exchange under way: bounded in time by a timer, in memory by what it keeps of the answer. */
class Exchanging implements Dispatcher.DispatchHandler {
  readonly #resolve: (exchange: Exchange) => void;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #status: number | null = null;
  #retryAfter: string | null = null;
  #read = 0;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #ended = false;
  #interrupted = false;

  constructor(timeoutMs: number, resolve: (exchange: Exchange) => void) {
    this.#resolve = resolve;
    this.#timer = setTimeout(() => {
      const stage = this.#status === null ? 'did not answer' : 'did not end its answer';
      this.end(new ReceiverTimeout(`the receiver ${stage} within ${timeoutMs / 1000} s`));
    }, timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // A connection came after all, but too late: nothing is to be sent over it.
    if (this.#ended) controller.abort(new Error('the exchange has ended'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 1xx answers are informational; the final one follows.
    if (status < 200) return;
    this.#status = status;
    if (BUSY_STATUSES.has(status)) this.#retryAfter = String(headers['retry-after'] ?? '') || null;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#read += chunk.length;
    if (this.#keptBytes < RECORDED_BYTES) {
      // Copied, for a slice would keep the whole network buffer alive.
      const part = Buffer.from(chunk.subarray(0, RECORDED_BYTES - this.#keptBytes));
      this.#kept.push(part);
      this.#keptBytes += part.length;
    }
    // The status has been read, and says all; the connection can't be used again.
    if (this.#read > READ_BYTES) this.end(null);
  }

  onResponseEnd(): void {
    this.end(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end(error);
  }

  interrupt(): void {
    this.#interrupted = true;
    this.end(new Error('the service stopped before the receiver had answered'));
  }

  /** Ends the exchange, once, and lets go of the connection where the answer is not whole. */
  end(error: Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#resolve({
      status: this.#status,
      response: this.#status === null ? null : asText(Buffer.concat(this.#kept)),
      retryAfter: this.#retryAfter,
      error: error === null ? null : explainFailure(error),
      failure: error === null ? null : failureKind(error),
      durationMs: Math.round(performance.now() - this.#startedAt),
      isInterrupted: this.#interrupted,
    });
    if (error !== null || this.#read > READ_BYTES) {
      this.#controller?.abort(error ?? new Error('the answer is longer than is read'));
    }
  }
}

/** As UTF-8, whatever it is; without NUL, which PostgreSQL's text can't hold. */
function asText(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\0', '\uFFFD');
}
