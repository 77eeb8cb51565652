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

  /** Returns the code of a message, which is encoded as UTF-8, in base64. */
  sign(message: string): string {
    const bytes = this.#withInnerBlock(message);
    this.#outer.set(hash('sha256', bytes, 'buffer'), BLOCK_BYTES);
    return hash('sha256', this.#outer, 'base64');
  }

  #withInnerBlock(message: string): Buffer {
    // A character of a string takes at most three bytes.
    if (message.length * 3 > SHARED_BYTES) return Buffer.concat([this.#inner, Buffer.from(message)]);
    shared.set(this.#inner);
    return shared.subarray(0, BLOCK_BYTES + shared.write(message, BLOCK_BYTES));
  }
}
