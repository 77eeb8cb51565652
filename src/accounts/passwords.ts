import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ServiceError } from '../domain/errors.ts';

/**
 * Argon2id as OWASP asks for: 19 MiB, two passes, one lane; about 45 ms of one core. They are written into each hash,
 * so that they can be raised: hashes of other parameters stay good, and are replaced when their owner signs in.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const PARAMETERS = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** The largest parameters that a stored hash may ask for: 1 GiB, and a second or two. */
const MAX_PARAMETERS = { memory: 1_048_576, passes: 16, parallelism: 16 } as const;

/** Characters: between what NIST SP 800-63B asks for with a second factor (8) and without (15). */
export const MIN_PASSWORD_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 256;

/** Hashes made at once, of Node's four threads for such work: files and names need the others. */
const AT_ONCE = 2;
/** Hashes that wait for their turn; about a second and a half of them. More are refused: `overloaded`. */
const MAX_WAITING = 64;

/** A hash as a PHC string: https://github.com/P-H-C/phc-string-format */
const PHC = /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,3})\$([\w+/]{11,86})\$([\w+/]{22,86})$/;

interface Parameters {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

interface ParsedHash extends Parameters {
  readonly salt: Buffer;
  readonly tag: Buffer;
}

const derive = promisify((parameters: Argon2Parameters, done: (error: Error | null, tag: Buffer) => void) =>
  argon2('argon2id', parameters, done),
);

/** Hashes passwords, off the event loop and a few at a time: however many sign in at once, the rest goes on. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** A hash for storage. Rejects with `ApiError('overloaded')`. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const tag = await this.#derive(password, { ...PARAMETERS, salt, tagLength: TAG_BYTES });
    const { memory, passes, parallelism } = PARAMETERS;
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
  }

  /**
   * Whether `hash` is of this password; no password fits null, which takes as long to find out.
   * Rejects with `ApiError('overloaded')`, whatever the hash.
   */
  async verify(password: string, hash: string | null): Promise<boolean> {
    const parsed = hash === null ? null : parseHash(hash);
    const { salt, tag, ...parameters } = parsed ?? UNMATCHED;
    const derived = await this.#derive(password, { ...parameters, salt, tagLength: tag.length });
    return timingSafeEqual(derived, tag) && parsed !== null;
  }

  async #derive(
    password: string,
    { salt, ...parameters }: Parameters & { salt: Buffer; tagLength: number },
  ): Promise<Buffer> {
    await this.#turn();
    try {
      // The same password, typed on another keyboard, may come in another form of Unicode.
      return await derive({ ...parameters, nonce: salt, message: password.normalize('NFC') });
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  #turn(): Promise<void> {
    if (this.#running < AT_ONCE) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(new ServiceError('overloaded', 'too many sign in at once; try again'));
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** What is checked where there is no hash, for the time that it takes. */
const UNMATCHED: ParsedHash = { ...PARAMETERS, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) };

/** Whether a hash was made with other parameters than those in force. */
export function isOutdated(hash: string): boolean {
  const { memory, passes, parallelism } = parseHash(hash);
  const { memory: m, passes: t, parallelism: p } = PARAMETERS;
  return memory !== m || passes !== t || parallelism !== p;
}

function parseHash(hash: string): ParsedHash {
  const [, memory, passes, parallelism, salt = '', tag = ''] = PHC.exec(hash) ?? [];
  const parsed = {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
  for (const name of ['memory', 'passes', 'parallelism'] as const) {
    if (!(parsed[name] >= 1 && parsed[name] <= MAX_PARAMETERS[name]))
      throw new Error(`a stored password's hash is not one of argon2id with a usable ${name}`);
  }
  return parsed;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
