import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ServiceError } from '../domain/errors.ts';

/** Cost of a hash: KiB of memory, passes, and lanes. */
export interface PasswordCost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/**
 * Parameters of Argon2id that OWASP recommends: 19 MiB of memory, two passes, one lane. One hash takes about
 * 45 ms of one core. Each stored hash contains its parameters, so the parameters here can be raised later.
 * Hashes with old parameters stay valid, and each is replaced at the account's next sign-in.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const PARAMETERS: PasswordCost = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/**
 * Maximum parameters of a stored hash: 1 GiB of memory, 16 passes, 16 lanes; about 22 s of one core. A hash
 * with higher parameters is refused, because it is damaged or forged.
 */
const MAX_PARAMETERS = { memory: 1_048_576, passes: 16, parallelism: 16 } as const;

/**
 * Minimum number of characters of a password. NIST SP 800-63B asks for 8 characters with a second factor, and
 * for 15 without one.
 */
export const MIN_PASSWORD_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 256;

/**
 * Maximum number of hashes that are computed at the same time. Node's thread pool has four threads. Two of
 * them stay free for access to files and for look-ups of host names.
 */
const CONCURRENCY = 2;
/**
 * Maximum number of hashes that wait for a thread: about 1.5 s of work. Further calls are refused with
 * `overloaded`.
 */
const MAX_WAITING = 64;

/** Format of a stored hash, a PHC string: https://github.com/P-H-C/phc-string-format */
const PHC = /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,3})\$([\w+/]{11,86})\$([\w+/]{22,86})$/;

interface ParsedHash extends PasswordCost {
  readonly salt: Buffer;
  readonly tag: Buffer;
}

const derive = promisify((parameters: Argon2Parameters, done: (error: Error | null, tag: Buffer) => void) =>
  argon2('argon2id', parameters, done),
);

/**
 * Hashes and verifies passwords in Node's thread pool, at most `CONCURRENCY` at a time, so that many sign-ins
 * at once do not slow down other work.
 */
export class Passwords {
  readonly #cost: PasswordCost;
  /** Hash that no password matches. It is checked in place of `null`, so that the check takes the same time. */
  readonly #unmatched: ParsedHash;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param cost cost of new hashes. Only tests set it */
  constructor(cost: PasswordCost = PARAMETERS) {
    this.#cost = cost;
    this.#unmatched = { ...cost, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) };
  }

  /** Returns the hash of a password, as a PHC string. @throws ServiceError `overloaded` */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const tag = await this.#derive(password, { ...this.#cost, salt, tagLength: TAG_BYTES });
    const { memory, passes, parallelism } = this.#cost;
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
  }

  /**
   * Returns whether `hash` is the hash of `password`. If `hash` is `null`, the method takes the same time and
   * returns `false`. So the duration does not reveal that no hash exists.
   * @throws ServiceError `overloaded`, also if `hash` is `null`
   */
  async verify(password: string, hash: string | null): Promise<boolean> {
    const parsed = hash === null ? null : parseHash(hash);
    const { salt, tag, ...parameters } = parsed ?? this.#unmatched;
    const derived = await this.#derive(password, { ...parameters, salt, tagLength: tag.length });
    return timingSafeEqual(derived, tag) && parsed !== null;
  }

  /** Returns whether a hash costs something else than new hashes do. */
  isOutdated(hash: string): boolean {
    const { memory, passes, parallelism } = parseHash(hash);
    const { memory: m, passes: t, parallelism: p } = this.#cost;
    return memory !== m || passes !== t || parallelism !== p;
  }

  async #derive(
    password: string,
    { salt, ...parameters }: PasswordCost & { salt: Buffer; tagLength: number },
  ): Promise<Buffer> {
    await this.#turn();
    try {
      // The password is normalized, because another keyboard might send the same characters in another form
      // of Unicode.
      return await derive({ ...parameters, nonce: salt, message: password.normalize('NFC') });
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  #turn(): Promise<void> {
    if (this.#running < CONCURRENCY) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(new ServiceError('overloaded', 'too many sign-ins at the same time; try again'));
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
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
      throw new Error(`a stored password hash is not an argon2id hash with a usable ${name}`);
  }
  return parsed;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
