import type { Socket } from 'node:net';
import { AnswerError } from './answer-error.ts';
import type { AnswerHead } from './answer-head.ts';
import { AnswerReader, type AnswerSink } from './answer-reader.ts';

/** Receiver of the answer to a request, or of its failure. */
export interface ExchangeSink extends AnswerSink {
  /** Called once, when the answer is complete. */
  onComplete(): void;
  /**
   * Called once, if there is no complete answer.
   * @param canBeSentAgain whether the connection was used before, and was closed before any byte of an answer came
   */
  onFailed(error: Error, canBeSentAgain: boolean): void;
}

/** A request as it is written. */
export interface WrittenRequest {
  /** Head in Latin-1, with the empty line at its end. */
  readonly head: string;
  readonly body: string;
  readonly isBodyAscii: boolean;
}

export interface ConnectionOwner {
  /** Called when the connection can be used for the next request. */
  onIdle(connection: Connection, head: AnswerHead): void;
  /** Called once, when the connection can't be used anymore. */
  onClosed(connection: Connection): void;
}

const NOT_ASCII = /[^\0-\x7f]/;

/**
 * One connection to a receiver, which carries one request at a time.
 *
 *   opening ── open ──▶ busy ── the answer is complete, and the connection persistent ──▶ idle ── send ──▶ busy
 *      │                 │                                                                 │
 *      └── fails ──┐     └── the answer is complete, and nothing follows; or it fails ──┐  └── is closed, or anything
 *                  ▼                                                                    ▼      comes unasked ──▶ closed
 *                closed                                                              closed
 */
export class Connection {
  readonly #owner: ConnectionOwner;
  readonly #reader = new AnswerReader();
  #socket: Socket | null = null;
  /** Exchange that the connection carries, or will carry once it is open; `null`: it is idle or closed. */
  #sink: ExchangeSink | null;
  #request: WrittenRequest | null;
  /** Whether an exchange before this one used the connection. */
  #isReused = false;
  #hasAnswerBegun = false;
  #isClosed = false;
  /** Time of `performance.now()` at which the last exchange ended. */
  idleSince = 0;
  /** Time of `performance.now()` from which an idle connection is not used again. */
  idleUntil = 0;

  /** @param request request that is sent as soon as the connection is open */
  constructor(owner: ConnectionOwner, request: WrittenRequest, sink: ExchangeSink) {
    this.#owner = owner;
    this.#request = request;
    this.#sink = sink;
  }

  /** Uses a socket that is being opened, or was opened, for this connection. */
  use(socket: Socket): void {
    if (this.#isClosed) {
      socket.on('error', () => undefined).destroy();
      return;
    }
    this.#socket = socket;
    socket.on('error', (error) => this.#fail(error));
    socket.on('end', () => {
      // Before a socket is open, an error follows that says why it did not open.
      if (this.#request === null) this.#end();
    });
    socket.on('close', () => this.#end());
  }

  /** Must be called when the socket is open. */
  onOpen(): void {
    if (this.#request !== null && !this.#isClosed) this.#write(this.#request);
  }

  /** Sends a request over the connection, which must be idle. */
  send(request: WrittenRequest, sink: ExchangeSink): void {
    this.#isReused = true;
    this.#sink = sink;
    this.#write(request);
  }

  /** Must be called with each piece that the socket reads: the first `length` bytes of `buffer`. */
  read(length: number, buffer: Buffer): void {
    const sink = this.#sink;
    // Nobody has asked for these bytes. If they were read as the next answer, a receiver could answer requests that
    // it has not seen.
    if (sink === null || this.#request !== null) {
      this.#fail(AnswerError.malformed('it came unasked'));
      return;
    }
    this.#hasAnswerBegun = true;
    try {
      const end = this.#reader.read(buffer, 0, length);
      if (this.#reader.isComplete) this.#complete(sink, end === length);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** Closes the connection. An exchange that it carries gets no answer, and is told nothing. */
  close(): void {
    this.#sink = null;
    this.#shut();
  }

  /** Closes the connection. An exchange that it carries fails. */
  abandon(error: Error): void {
    this.#fail(error);
  }

  #write({ head, body, isBodyAscii }: WrittenRequest): void {
    this.#request = null;
    this.#hasAnswerBegun = false;
    this.#reader.begin(this.#sink as ExchangeSink);
    const socket = this.#socket as Socket;
    // Latin-1 is copied as it is, and UTF-8 is encoded.
    if (isBodyAscii) socket.write(head + body, 'latin1');
    else if (NOT_ASCII.test(head)) {
      socket.write(head, 'latin1');
      socket.write(body);
    } else socket.write(head + body);
  }

  #complete(sink: ExchangeSink, isWhole: boolean): void {
    this.#sink = null;
    const head = this.#reader.head as AnswerHead;
    const socket = this.#socket as Socket;
    // A receiver may answer before it has read the whole request. What is left of it must not be read as the next.
    const isReusable =
      isWhole && head.isPersistent && head.length !== 'until close' && socket.writableLength === 0;
    if (isReusable && !this.#isClosed) this.#owner.onIdle(this, head);
    else this.#shut();
    sink.onComplete();
  }

  /** Ends an exchange by the end of the connection. */
  #end(): void {
    const sink = this.#sink;
    if (sink === null) {
      this.#shut();
      return;
    }
    try {
      if (this.#request !== null) throw AnswerError.closed();
      this.#reader.end();
      this.#complete(sink, false);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    const sink = this.#sink;
    this.#sink = null;
    const canBeSentAgain = this.#isReused && !this.#hasAnswerBegun && isConnectionClosed(error);
    this.#shut();
    sink?.onFailed(error, canBeSentAgain);
  }

  #shut(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket?.destroy();
    this.#owner.onClosed(this);
  }
}

/** Codes of the system's errors that mean that the other side closed the connection. */
const CLOSED_CODES = new Set(['ECONNABORTED', 'ECONNRESET', 'EPIPE']);

/** Returns whether an error means that the other side closed the connection. */
export function isConnectionClosed(error: Error): boolean {
  if (error instanceof AnswerError) return error.isClosed;
  return CLOSED_CODES.has((error as NodeJS.ErrnoException).code ?? '');
}
