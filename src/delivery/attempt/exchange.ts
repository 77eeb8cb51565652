import type { Dispatcher } from 'undici';
import {
  type ExchangeFailure,
  exchangeFailureOf,
  explainFailure,
  ReceiverTimeout,
} from './explain-failure.ts';

/** Result of one HTTP request. A receiver's failure is a result, not an exception. */
export interface Exchange {
  /** HTTP status. `null`: no answer came. */
  readonly status: number | null;
  /** First `RECORDED_BYTES` of the answer's body as text. `null`: no answer came. */
  readonly response: string | null;
  /** Value of the header `Retry-After` of a 429 or 503. `null`: no such header, or another status. */
  readonly retryAfter: string | null;
  /** Sentence that says why the exchange is incomplete. `null`: it is complete, whatever the status. */
  readonly error: string | null;
  /** Class of the failure that `error` describes. */
  readonly failure: ExchangeFailure | null;
  readonly durationMs: number;
  /** Whether our own stop ended the exchange, so that it says nothing about the receiver. */
  readonly isInterrupted: boolean;
}

/** Maximum number of bytes read of an answer's body, which could be endless. */
const MAX_READ_BYTES = 64 * 1024;
/** Bytes of an answer's body that are stored with each attempt. */
const RECORDED_BYTES = 1024;
/** Statuses for which `Retry-After` is defined: RFC 6585 section 4, RFC 9110 section 15.6.4. */
const BUSY_STATUSES: ReadonlySet<number> = new Set([429, 503]);

/** Handles one exchange for undici. One timer bounds its duration, and `MAX_READ_BYTES` its memory. */
export class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #onEnd: (exchange: Exchange) => void;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #status: number | null = null;
  #retryAfter: string | null = null;
  #readBytes = 0;
  readonly #recorded: Buffer[] = [];
  #recordedBytes = 0;
  #hasEnded = false;
  #isInterrupted = false;

  constructor(timeoutMs: number, onEnd: (exchange: Exchange) => void) {
    this.#onEnd = onEnd;
    this.#timer = setTimeout(() => {
      const stage = this.#status === null ? 'did not answer' : 'did not end its answer';
      this.end(new ReceiverTimeout(`the receiver ${stage} within ${timeoutMs / 1000} s`));
    }, timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The connection came too late: nothing must be sent over it.
    if (this.#hasEnded) controller.abort(new Error('the exchange has ended'));
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
    this.#readBytes += chunk.length;
    if (this.#recordedBytes < RECORDED_BYTES) {
      // Copied, because a slice would keep the whole network buffer alive.
      const part = Buffer.from(chunk.subarray(0, RECORDED_BYTES - this.#recordedBytes));
      this.#recorded.push(part);
      this.#recordedBytes += part.length;
    }
    // The status is known, and the rest of the body is of no use. The connection cannot be reused.
    if (this.#readBytes > MAX_READ_BYTES) this.end(null);
  }

  onResponseEnd(): void {
    this.end(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end(error);
  }

  interrupt(): void {
    this.#isInterrupted = true;
    this.end(new Error('the service stopped before the receiver had answered'));
  }

  /** Ends the exchange, once. Closes the connection if the answer is incomplete. */
  end(error: Error | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#onEnd({
      status: this.#status,
      response: this.#status === null ? null : asText(Buffer.concat(this.#recorded)),
      retryAfter: this.#retryAfter,
      error: error === null ? null : explainFailure(error),
      failure: error === null ? null : exchangeFailureOf(error),
      durationMs: Math.round(performance.now() - this.#startedAt),
      isInterrupted: this.#isInterrupted,
    });
    if (error !== null || this.#readBytes > MAX_READ_BYTES) {
      this.#controller?.abort(error ?? new Error('the answer is longer than is read'));
    }
  }
}

/** Decodes any bytes as UTF-8. Replaces NUL, which a text in PostgreSQL cannot contain. */
function asText(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\0', '\uFFFD');
}
