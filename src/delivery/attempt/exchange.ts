import type { Dispatcher } from 'undici';
import {
  type ExchangeFailure,
  exchangeFailureOf,
  explainFailure,
  isConnectionClosed,
  ReceiverTimeout,
} from './explain-failure.ts';
import { type OwnCause, ownCauseOf } from './own-cause.ts';

/** Result of one HTTP request to a receiver. A failure of the receiver is also a result, not an exception. */
export interface Exchange {
  /** HTTP status. `null`: no answer came. */
  readonly status: number | null;
  /** Beginning of the answer's body as text, at most `RECORDED_BYTES`. `null`: no answer came. */
  readonly response: string | null;
  /**
   * Value of the header `Retry-After` of an answer with status 429 or 503. `null`: the answer has no such
   * header, or has another status.
   */
  readonly retryAfter: string | null;
  /**
   * Sentence that says why the exchange is incomplete. `null`: the exchange is complete, whatever the status.
   */
  readonly error: string | null;
  /** Class of the failure that `error` describes. `null`: the exchange is complete. */
  readonly failure: ExchangeFailure | null;
  /**
   * Cause on our own side for which the request could not be sent. `null`: there is no such cause, and the
   * exchange says something about the receiver.
   */
  readonly ownCause: OwnCause | null;
  readonly durationMs: number;
  /**
   * Whether a stop of this service, or a suspension of its machine, cut the exchange off. Such an exchange says
   * nothing about the receiver.
   */
  readonly isInterrupted: boolean;
}

/** Maximum number of bytes that are read of an answer's body, because a body could be endless. */
const MAX_READ_BYTES = 64 * 1024;
/** Maximum number of bytes of an answer's body that are stored with each attempt. */
const RECORDED_BYTES = 1024;
/** Statuses for which `Retry-After` is defined: RFC 6585 section 4, RFC 9110 section 15.6.4. */
const BUSY_STATUSES: ReadonlySet<number> = new Set([429, 503]);

/** Members that all exchanges of a sender share. */
export interface ExchangeOptions {
  /** Time limit of a whole exchange in milliseconds. */
  readonly timeoutMs: number;
  /** Returns whether the request that starts now is the first one on its connection. */
  readonly isConnectionFresh: () => boolean;
  /** Returns whether the machine was suspended since a time of `performance.now()`. */
  readonly wasSuspendedSince: (startedAt: number) => boolean;
  /** Sends the request of an exchange once more, over a fresh connection. */
  readonly sendAgain: (handler: ExchangeHandler) => void;
}

/**
 * Handler that receives the events of one exchange from undici. One timer limits the duration of the
 * exchange, and `MAX_READ_BYTES` limits the part of the body that is read.
 *
 *   request --> answered, or failed: the exchange ends
 *      |
 *      +--> a reused connection was closed, and nothing of an answer came: the request is sent once more,
 *           over a fresh connection --> answered, or failed: the exchange ends
 *
 * A receiver closes an idle connection whenever it likes, for example when it is reloaded. If its close and
 * our request cross on the way, neither side has made a mistake, and RFC 9112 (section 9.3.1) lets a client
 * send the request again. If the receiver has processed the request nevertheless, it recognizes the second one
 * by its `webhook-id`, like every repeat.
 */
export class ExchangeHandler implements Dispatcher.DispatchHandler {
  /** Request of the exchange, which might be sent a second time. */
  readonly request: Dispatcher.DispatchOptions;
  readonly #options: ExchangeOptions;
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
  #isConnectionReused = false;
  /** Whether the first byte of an answer has come. */
  #isAnswerBegun = false;

  constructor(
    request: Dispatcher.DispatchOptions,
    options: ExchangeOptions,
    onEnd: (exchange: Exchange) => void,
  ) {
    const { timeoutMs } = options;
    this.request = request;
    this.#options = options;
    this.#onEnd = onEnd;
    this.#timer = setTimeout(() => {
      const stage = this.#status === null ? 'did not answer' : 'did not end its answer';
      this.end(new ReceiverTimeout(`the receiver ${stage} within ${timeoutMs / 1000} s`));
    }, timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#isConnectionReused = !this.#options.isConnectionFresh();
    // Aborts the request if the exchange has already ended. The connection was made too late, and nothing
    // must be sent over this connection.
    if (this.#hasEnded) controller.abort(new Error('the exchange has ended'));
  }

  onResponseStarted(): void {
    this.#isAnswerBegun = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // Ignores informational answers (1xx), because the final answer follows.
    if (status < 200) return;
    this.#status = status;
    if (BUSY_STATUSES.has(status)) this.#retryAfter = String(headers['retry-after'] ?? '') || null;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#readBytes += chunk.length;
    if (this.#recordedBytes < RECORDED_BYTES) {
      // Copies the bytes, because a slice would keep the whole network buffer in memory.
      const part = Buffer.from(chunk.subarray(0, RECORDED_BYTES - this.#recordedBytes));
      this.#recorded.push(part);
      this.#recordedBytes += part.length;
    }
    // Ends the exchange before the end of a long body: the status is known, and the rest of the body is not
    // needed. The connection cannot be reused.
    if (this.#readBytes > MAX_READ_BYTES) this.end(null);
  }

  onResponseEnd(): void {
    this.end(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.#canBeSentAgain(error)) {
      this.end(error);
      return;
    }
    this.#isConnectionReused = false;
    this.#controller = null;
    this.#options.sendAgain(this);
  }

  interrupt(): void {
    this.#isInterrupted = true;
    this.end(new Error('the service stopped before the receiver had answered'));
  }

  /**
   * Ends the exchange. Does nothing if the exchange has already ended. Closes the connection if the answer is
   * incomplete.
   */
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
      ownCause: error === null ? null : ownCauseOf(error),
      durationMs: Math.round(performance.now() - this.#startedAt),
      isInterrupted: this.#isInterrupted || (error !== null && this.#isCutBySuspension()),
    });
    if (error !== null || this.#readBytes > MAX_READ_BYTES) {
      this.#controller?.abort(error ?? new Error('the answer is longer than is read'));
    }
  }

  /**
   * Returns whether the machine was suspended during the exchange. The receiver, or what lies between, has given the
   * connection up meanwhile.
   */
  #isCutBySuspension(): boolean {
    return this.#options.wasSuspendedSince(this.#startedAt);
  }

  /**
   * Returns whether the request can be sent again. This is so at most once for each exchange, because a
   * request that is sent again has a fresh connection.
   */
  #canBeSentAgain(error: Error): boolean {
    return this.#isConnectionReused && !this.#isAnswerBegun && !this.#hasEnded && isConnectionClosed(error);
  }
}

/**
 * Decodes bytes as UTF-8, even if the bytes are not valid UTF-8. Replaces NUL, which a text in PostgreSQL
 * cannot contain.
 */
function asText(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\0', '\uFFFD');
}
