import type { Socket } from 'node:net';

/** Beginning of every interim answer that HTTP/1.1 knows (RFC 9110 section 15.2), before the last digit. */
const INTERIM = Buffer.from('HTTP/1.1 10', 'latin1');
const END_OF_HEAD = Buffer.from('\r\n\r\n', 'latin1');
const [DIGIT_0, DIGIT_1, DIGIT_3] = Buffer.from('013', 'latin1') as unknown as [number, number, number];

/**
 * Makes a socket read `100 Continue` as `103 Early Hints`, wherever an answer begins. RFC 9110 (section 15.2) says
 * that a client must be able to read an interim answer even if it did not ask for it. undici 8 skips 102
 * and 103, but closes the connection after 100, and the answer that follows is lost. undici reads a socket only by
 * its method `read`.
 */
export function readContinueAsHints(socket: Socket): void {
  const read = socket.read;
  const beginnings = new AnswerBeginnings();
  /** Number of bytes that were written when the last answer began. More bytes mean that the next one may begin. */
  let writtenAtAnswer = 0;

  socket.read = () => {
    const chunk: Buffer | null = read.call(socket);
    if (chunk === null || socket.bytesWritten === writtenAtAnswer) return chunk;
    if (beginnings.rewrite(chunk) === 'answered') writtenAtAnswer = socket.bytesWritten;
    return chunk;
  };
}

/** Follows the bytes from the end of a request to its final answer, in chunks of any length. */
class AnswerBeginnings {
  /** Number of bytes of `INTERIM` that were read of the present head. */
  #matched = 0;
  /** Whether the bytes are within the head of an interim answer. */
  #isInterim = false;
  /** Number of bytes of `END_OF_HEAD` that were read last. */
  #ending = 0;

  /** Rewrites each 100 in `chunk` to 103. @returns `answered`: the final answer has begun */
  rewrite(chunk: Buffer): 'answered' | 'awaited' {
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (this.#isInterim) this.#readHead(byte);
      else if (this.#matched < INTERIM.length) {
        if (byte !== INTERIM[this.#matched]) return this.#answered();
        this.#matched += 1;
      } else {
        // After 101, the connection has another protocol.
        if (byte === DIGIT_1) return this.#answered();
        if (byte === DIGIT_0) chunk[at] = DIGIT_3;
        this.#isInterim = true;
      }
    }
    return 'awaited';
  }

  #readHead(byte: number): void {
    if (byte === END_OF_HEAD[this.#ending]) this.#ending += 1;
    else this.#ending = byte === END_OF_HEAD[0] ? 1 : 0;
    if (this.#ending === END_OF_HEAD.length) this.#reset();
  }

  #answered(): 'answered' {
    this.#reset();
    return 'answered';
  }

  #reset(): void {
    this.#matched = 0;
    this.#isInterim = false;
    this.#ending = 0;
  }
}
