import type { Deadline, Deadlines } from '../../platform/deadlines.ts';
import { ListNode } from '../../platform/linked-list.ts';
import type { AnswerHead } from '../client/answer-head.ts';
import type { Connection, ExchangeSink } from '../client/connection.ts';
import type { PostRequest } from '../client/http-client.ts';
import {
  type ExchangeFailure,
  exchangeFailureOf,
  explainFailure,
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
  /** Deadlines of the exchanges in flight, each after the time limit. */
  readonly deadlines: Deadlines;
  /** Returns whether the machine was suspended since a time of `performance.now()`. */
  readonly wasSuspendedSince: (startedAt: number) => boolean;
  /**
   * Sends the request of an exchange, the second time over a fresh connection.
   * @returns the connection that carries it
   */
  readonly send: (exchange: RunningExchange, isFresh: boolean) => Connection;
}

/**
 * One exchange with a receiver. A deadline limits its duration, and `MAX_READ_BYTES` limits the part of the body that
 * is read.
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
export class RunningExchange implements ExchangeSink, Deadline {
  /** Request of the exchange, which might be sent a second time. */
  readonly request: PostRequest;
  deadlineAt = 0;
  readonly deadlineNode: ListNode<Deadline> = new ListNode<Deadline>(this);
  readonly #options: ExchangeOptions;
  readonly #onEnd: (exchange: Exchange) => void;
  readonly #startedAt = performance.now();
  #connection: Connection | null = null;
  #status: number | null = null;
  #retryAfter: string | null = null;
  #readBytes = 0;
  #recorded: Buffer | null = null;
  #hasEnded = false;
  #isInterrupted = false;

  constructor(request: PostRequest, options: ExchangeOptions, onEnd: (exchange: Exchange) => void) {
    this.request = request;
    this.#options = options;
    this.#onEnd = onEnd;
  }

  /** Sends the request. */
  start(): void {
    this.#options.deadlines.set(this, this.#startedAt);
    this.#send(false);
  }

  onDeadline(): void {
    const stage = this.#status === null ? 'did not answer' : 'did not end its answer';
    this.end(new ReceiverTimeout(`the receiver ${stage} within ${this.#options.timeoutMs / 1000} s`));
  }

  onHead({ status, retryAfter }: AnswerHead): void {
    this.#status = status;
    if (BUSY_STATUSES.has(status)) this.#retryAfter = retryAfter || null;
  }

  onBody(buffer: Buffer, from: number, to: number): void {
    this.#readBytes += to - from;
    const recorded = this.#recorded?.length ?? 0;
    if (recorded < RECORDED_BYTES) {
      // Copies the bytes, because the buffer is overwritten by what is read next.
      const part = Buffer.from(buffer.subarray(from, Math.min(to, from + RECORDED_BYTES - recorded)));
      this.#recorded = this.#recorded === null ? part : Buffer.concat([this.#recorded, part]);
    }
    // Ends the exchange before the end of a long body: the status is known, and the rest of the body is not
    // needed. The connection cannot be reused.
    if (this.#readBytes > MAX_READ_BYTES) this.end(null);
  }

  onComplete(): void {
    this.#connection = null;
    this.end(null);
  }

  onFailed(error: Error, canBeSentAgain: boolean): void {
    this.#connection = null;
    if (canBeSentAgain && !this.#hasEnded) this.#send(true);
    else this.end(error);
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
    this.#options.deadlines.clear(this);
    this.#connection?.close();
    this.#onEnd({
      status: this.#status,
      response: this.#status === null ? null : this.#recordedText(),
      retryAfter: this.#retryAfter,
      error: error === null ? null : explainFailure(error),
      failure: error === null ? null : exchangeFailureOf(error),
      ownCause: error === null ? null : ownCauseOf(error),
      durationMs: Math.round(performance.now() - this.#startedAt),
      isInterrupted: this.#isInterrupted || (error !== null && this.#isCutBySuspension()),
    });
  }

  #send(isFresh: boolean): void {
    try {
      const connection = this.#options.send(this, isFresh);
      // The exchange can have ended within `send`, if the connection was refused at once.
      if (!this.#hasEnded) this.#connection = connection;
    } catch (error) {
      this.end(error as Error);
    }
  }

  #recordedText(): string {
    return this.#recorded === null ? '' : asText(this.#recorded);
  }

  /**
   * Returns whether the machine was suspended during the exchange. The receiver, or what lies between, has given the
   * connection up meanwhile.
   */
  #isCutBySuspension(): boolean {
    return this.#options.wasSuspendedSince(this.#startedAt);
  }
}

/**
 * Decodes bytes as UTF-8, even if the bytes are not valid UTF-8. Replaces NUL, which a text in PostgreSQL
 * cannot contain.
 */
function asText(bytes: Buffer): string {
  const text = bytes.toString('utf8').replaceAll('\0', '\uFFFD');
  // A byte that is no UTF-8 becomes three bytes.
  if (bytes.length <= RECORDED_BYTES / 3) return text;
  const encoded = Buffer.from(text);
  if (encoded.length <= RECORDED_BYTES) return text;
  // Leaves out a character that is cut in two.
  return new TextDecoder().decode(encoded.subarray(0, RECORDED_BYTES), { stream: true });
}
