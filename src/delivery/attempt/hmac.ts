import { hash } from 'node:crypto';

/** Bytes that SHA-256 takes in one step. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Maximum number of bytes of a message whose bytes are written into the shared buffer. */
const SHARED_BYTES = 256 * 1024;
const shared = Buffer.allocUnsafeSlow(BLOCK_BYTES + SHARED_BYTES);

/**
 * HMAC-SHA-256 of many messages with one key (RFC 2104), as two plain hashes over blocks that are prepared once. An
 * `Hmac` of Node is an object with a key, which a message costs about as much as the hashes themselves.
 */
export class HmacKey {
  /** Key with the inner padding. */
  readonly #inner = Buffer.allocUnsafe(BLOCK_BYTES).fill(0x36);
  /** Key with the outer padding, and space for the inner hash. */
  readonly #outer = Buffer.allocUnsafe(BLOCK_BYTES + DIGEST_BYTES).fill(0x5c);

  constructor(key: Buffer) {
    const block = key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key;
    for (const [at, byte] of block.entries()) {
      this.#inner[at] = 0x36 ^ byte;
      this.#outer[at] = 0x5c ^ byte;
    }
  }

  /** Returns the code of the message that is `head` and then `body`, both encoded as UTF-8, in base64. */
  sign(head: string, body: string): string {
    // The inner hash is a text, because a buffer of 32 bytes costs as much as the hash itself.
    const inner = hash('sha256', this.#withInnerBlock(head, body), 'latin1');
    this.#outer.write(inner, BLOCK_BYTES, 'latin1');
    return hash('sha256', this.#outer, 'base64');
  }

  /** Returns the message after the inner block. Does not join the texts, because that would copy them once more. */
  #withInnerBlock(head: string, body: string): Buffer {
    // A character of a string takes at most three bytes.
    if ((head.length + body.length) * 3 > SHARED_BYTES) {
      return Buffer.concat([this.#inner, Buffer.from(head), Buffer.from(body)]);
    }
    shared.set(this.#inner);
    const start = BLOCK_BYTES + shared.write(head, BLOCK_BYTES);
    return shared.subarray(0, start + shared.write(body, start));
  }
}
