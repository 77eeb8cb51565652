import { AnswerError } from './answer-error.ts';
import { type AnswerHead, checkTrailers, parseHead } from './answer-head.ts';

/** Receiver of the parts of an answer while it is read. */
export interface AnswerSink {
  /** Called once, with the head of the final answer. */
  onHead(head: AnswerHead): void;
  /**
   * Called for each piece of the body, which is the bytes of `buffer` from `from` to before `to`. They are
   * overwritten afterwards.
   */
  onBody(buffer: Buffer, from: number, to: number): void;
}

/**
 * Maximum number of bytes of one answer that are neither its body nor the sizes of chunks: all heads together, its
 * interim answers' and its own, its trailers, and the extensions of its chunks. Node allows as many for one head.
 */
const MAX_OVERHEAD_BYTES = 16 * 1024;
/** Maximum number of digits of a chunk's size. Zeros at its beginning count. */
const MAX_SIZE_DIGITS = 16;
/** Maximum number of characters of a head that is remembered for the next answer. */
const MAX_REMEMBERED = 1_024;
const END_OF_BLOCK = Buffer.from('\r\n\r\n', 'latin1');
const BEGINNING = Buffer.from('HTTP/1.', 'latin1');
const [TAB, LF, CR, SPACE, SEMICOLON, DELETE] = [0x09, 0x0a, 0x0d, 0x20, 0x3b, 0x7f];

/** Part of an answer to which the next byte belongs. */
type State =
  | 'head'
  | 'body'
  | 'body until close'
  | 'size'
  | 'space after a size'
  | 'extension'
  | 'line feed after a size'
  | 'chunk'
  | 'carriage return after a chunk'
  | 'line feed after a chunk'
  | 'trailers'
  | 'nothing';

/**
 * Reads answers of HTTP/1.1 (RFC 9112) from pieces of any length. An answer that comes in one piece, as most do, is
 * read without a copy of its bytes.
 *
 *   head ─┬─ 1xx ──▶ head
 *         ├─ a length ──▶ body ───────────────────────────────────────────────▶ nothing
 *         ├─ neither ──▶ body until close ── the connection is closed ─────────▶ nothing
 *         └─ chunked ──▶ size ─▶ space ─▶ extension ─▶ line feed ─┬─ 0 ─▶ trailers ─▶ nothing
 *                         ▲                                       └──▶ chunk ──┐
 *                         └──── line feed ◀──── carriage return ◀──────────────┘
 */
export class AnswerReader {
  #sink: AnswerSink | null = null;
  #state: State = 'nothing';
  #head: AnswerHead | null = null;
  /** Text of a head that was parsed before, and what it says. */
  #remembered: { readonly text: string; readonly head: AnswerHead } | null = null;
  /** Number of bytes that are left of the body or the chunk; in `size`, the value of the digits so far. */
  #left = 0;
  #sizeDigits = 0;
  /** Beginning of a head or of trailers whose end has not come yet. */
  #held: Buffer | null = null;
  #overheadBytes = 0;
  /** Index of the next byte that is read. */
  #at = 0;

  /** Begins to read an answer. The answer before it must be complete. */
  begin(sink: AnswerSink): void {
    this.#sink = sink;
    this.#state = 'head';
    this.#head = null;
    this.#overheadBytes = 0;
  }

  get isComplete(): boolean {
    return this.#state === 'nothing';
  }

  /** Head of the answer; `null`: it has not come yet. */
  get head(): AnswerHead | null {
    return this.#head;
  }

  /**
   * Reads a piece, which is the bytes of `buffer` from `from` to before `to`.
   * @returns the index after the last byte that belongs to the answer
   * @throws AnswerError if the answer is malformed or too large
   */
  read(buffer: Buffer, from: number, to: number): number {
    this.#at = from;
    while (this.#at < to && this.#state !== 'nothing') this.#step(buffer, to);
    return this.#at;
  }

  /**
   * Must be called when the other side has closed the connection.
   * @throws AnswerError if the answer is not complete
   */
  end(): void {
    if (this.#state === 'body until close') this.#state = 'nothing';
    if (this.#state !== 'nothing') throw AnswerError.closed();
  }

  #step(buffer: Buffer, to: number): void {
    switch (this.#state) {
      case 'head':
        this.#readHead(buffer, to);
        break;
      case 'body':
      case 'chunk':
      case 'body until close':
        this.#readBody(buffer, to);
        break;
      case 'trailers':
        this.#readTrailers(buffer, to);
        break;
      default:
        this.#readFraming(buffer[this.#at++] as number);
    }
  }

  #readHead(buffer: Buffer, to: number): void {
    const byte = buffer[this.#at];
    if (this.#held === null && (byte === CR || byte === LF)) {
      // Some servers send an empty line after a body, or before a head. undici and Node skip it, too.
      this.#countOverhead(1);
      this.#at += 1;
      return;
    }
    const text = this.#block(buffer, to);
    if (text === null) return;
    const head = this.#parse(text);
    if (head.status === 101) throw AnswerError.switchesProtocols();
    // Another head follows an interim one.
    if (head.status < 200) return;
    this.#head = head;
    this.#left = typeof head.length === 'number' ? head.length : 0;
    this.#sizeDigits = 0;
    this.#state = stateAfter(head);
    (this.#sink as AnswerSink).onHead(head);
  }

  /**
   * Parses a head. Most answers of a busy receiver begin as the one before on the same connection: only `Date` changes,
   * each second.
   */
  #parse(text: string): AnswerHead {
    if (this.#remembered?.text === text) return this.#remembered.head;
    const head = parseHead(text);
    if (text.length <= MAX_REMEMBERED) this.#remembered = { text, head };
    return head;
  }

  #readBody(buffer: Buffer, to: number): void {
    const from = this.#at;
    const end = this.#state === 'body until close' ? to : Math.min(to, from + this.#left);
    this.#at = end;
    if (this.#state !== 'body until close') {
      this.#left -= end - from;
      if (this.#left === 0)
        this.#state = this.#state === 'body' ? 'nothing' : 'carriage return after a chunk';
    }
    (this.#sink as AnswerSink).onBody(buffer, from, end);
  }

  #readTrailers(buffer: Buffer, to: number): void {
    const text = this.#block(buffer, to);
    if (text === null) return;
    checkTrailers(text);
    this.#state = 'nothing';
  }

  /** Reads a byte before, between or after chunks. */
  #readFraming(byte: number): void {
    switch (this.#state) {
      case 'size':
        this.#readSize(byte);
        break;
      case 'space after a size':
        this.#endSize(byte);
        break;
      case 'extension':
        this.#readExtension(byte);
        break;
      case 'line feed after a size':
        this.#expect(byte, LF, this.#left === 0 ? 'trailers' : 'chunk');
        break;
      case 'carriage return after a chunk':
        this.#expect(byte, CR, 'line feed after a chunk');
        break;
      default:
        this.#expect(byte, LF, 'size');
        this.#left = 0;
        this.#sizeDigits = 0;
    }
  }

  #readSize(byte: number): void {
    const digit = hexDigit(byte);
    if (digit < 0) {
      this.#endSize(byte);
      return;
    }
    this.#left = this.#left * 16 + digit;
    this.#sizeDigits += 1;
    if (!Number.isSafeInteger(this.#left) || this.#sizeDigits > MAX_SIZE_DIGITS) {
      throw AnswerError.malformed('a chunk is larger than any that is accepted');
    }
  }

  #readExtension(byte: number): void {
    this.#countOverhead(1);
    if (byte === CR) this.#state = 'line feed after a size';
    else if (isControl(byte)) throw AnswerError.malformed('the extension of a chunk is malformed');
  }

  #endSize(byte: number): void {
    if (this.#sizeDigits === 0) throw AnswerError.malformed('the size of a chunk is malformed');
    if (byte === CR) this.#state = 'line feed after a size';
    else if (byte === SEMICOLON) this.#state = 'extension';
    else if (byte === SPACE || byte === TAB) {
      this.#countOverhead(1);
      this.#state = 'space after a size';
    } else throw AnswerError.malformed('the size of a chunk is malformed');
  }

  #expect(byte: number, expected: number, next: State): void {
    if (byte !== expected) throw AnswerError.malformed('a chunk does not end where its size says');
    this.#state = next;
  }

  /**
   * Takes the lines up to and with the next empty one.
   * @returns the lines in Latin-1. `null`: the empty line has not come yet, and the bytes so far are held
   */
  #block(buffer: Buffer, to: number): string | null {
    const held = this.#held;
    const bytes = held === null ? buffer : Buffer.concat([held, buffer.subarray(this.#at, to)]);
    const from = held === null ? this.#at : 0;
    const until = held === null ? to : bytes.length;
    const end = this.#endOfBlock(bytes, from, until, held?.length ?? 0);
    if (end < 0) {
      if (this.#overheadBytes + until - from > MAX_OVERHEAD_BYTES) throw AnswerError.tooLarge();
      if (this.#state === 'head') checkBeginning(bytes, from, until);
      checkLines(bytes, from + (held?.length ?? 0), until, held?.at(-1) === CR);
      this.#held = held === null ? Buffer.from(buffer.subarray(from, until)) : bytes;
      this.#at = to;
      return null;
    }
    this.#countOverhead(end - from);
    this.#held = null;
    this.#at = held === null ? end : this.#at + end - held.length;
    return bytes.toString('latin1', from, end);
  }

  /** Returns the index after the next empty line; -1: no empty line ends before `until`. */
  #endOfBlock(bytes: Buffer, from: number, until: number, heldBytes: number): number {
    // There may be no trailer at all, and then no line precedes the empty one.
    if (this.#state === 'trailers' && bytes[from] === CR && until - from >= 2 && bytes[from + 1] === LF) {
      return from + 2;
    }
    const found = bytes.indexOf(END_OF_BLOCK, Math.max(from, from + heldBytes - END_OF_BLOCK.length + 1));
    // The buffer may hold bytes of other connections after `until`.
    return found < 0 || found + END_OF_BLOCK.length > until ? -1 : found + END_OF_BLOCK.length;
  }

  #countOverhead(bytes: number): void {
    this.#overheadBytes += bytes;
    if (this.#overheadBytes > MAX_OVERHEAD_BYTES) throw AnswerError.tooLarge();
  }
}

function stateAfter({ length }: AnswerHead): State {
  if (length === 'chunked') return 'size';
  if (length === 'until close') return 'body until close';
  return length === 0 ? 'nothing' : 'body';
}

/** Refuses an answer that does not begin as one of HTTP/1.1, although its head has not ended, and might never. */
function checkBeginning(bytes: Buffer, from: number, to: number): void {
  const length = Math.min(to - from, BEGINNING.length);
  if (BEGINNING.compare(bytes, from, from + length, 0, length) !== 0) {
    throw AnswerError.malformed('its status line is malformed');
  }
}

/**
 * Refuses bytes that no line of a head or of trailers has, although its end has not come, and might never.
 * @param isAfterCr whether the byte before `from` is a carriage return
 */
function checkLines(bytes: Buffer, from: number, to: number, isAfterCr: boolean): void {
  let mustBeLf = isAfterCr;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] as number;
    if (mustBeLf !== (byte === LF) || (isControl(byte) && byte !== LF && byte !== CR)) {
      throw AnswerError.malformed('a line of its head is malformed');
    }
    mustBeLf = byte === CR;
  }
}

function isControl(byte: number): boolean {
  return (byte < SPACE && byte !== TAB) || byte === DELETE;
}

/** Returns the value of a hexadecimal digit; -1: the byte is not one. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}
