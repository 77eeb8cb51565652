import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import type { SenderCredentials } from '../../domain/webhook.ts';

/**
 * Signatures of the Standard Webhooks specification, symmetric (`v1`) and asymmetric (`v1a`):
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

const SECRET_PREFIX = 'whsec_';
const PRIVATE_KEY_PREFIX = 'whsk_';
const PUBLIC_KEY_PREFIX = 'whpk_';
/** Length of a signing secret in bytes. The specification asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;
/**
 * Length of the seed of an Ed25519 private key, in bytes (RFC 8032 section 5.1.5). In a `whsk_` key, the
 * public key follows the seed.
 */
const SEED_BYTES = 32;
/** Bytes that precede the seed of an Ed25519 key in PKCS #8 encoding: RFC 8410 section 7. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
/** Maximum number of parsed private keys in a cache. */
const MAX_CACHED_KEYS = 1_000;

/** Returns a new signing secret: `whsec_` and 32 random bytes in base64. */
export function newSigningSecret(): string {
  return SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** Returns a new Ed25519 private key: `whsk_`, then the seed and the public key in base64. */
export function newPrivateKey(): string {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const bytes = Buffer.concat([Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]);
  return PRIVATE_KEY_PREFIX + bytes.toString('base64');
}

/**
 * Returns the public key that belongs to a private key. The private key begins with `whsk_`, the public key
 * with `whpk_`.
 */
export function publicKeyOf(privateKey: string): string {
  return PUBLIC_KEY_PREFIX + bytesOf(privateKey).subarray(SEED_BYTES).toString('base64');
}

/** Cache of parsed private keys. Saves time, because parsing a key takes as long as signing with the key. */
export class PrivateKeyCache {
  readonly #keys = new Map<string, KeyObject>();

  /** Returns the parsed form of a private key that begins with `whsk_`. Uses the cache if possible. */
  get(privateKey: string): KeyObject {
    const cached = this.#keys.get(privateKey);
    if (cached) return cached;
    const seed = bytesOf(privateKey).subarray(0, SEED_BYTES);
    const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
    if (this.#keys.size >= MAX_CACHED_KEYS) this.#keys.clear();
    this.#keys.set(privateKey, key);
    return key;
  }
}

export interface SignedMessage {
  /** Id of the message. All attempts of a message have the same id. */
  readonly id: string;
  /** When this attempt is made, in milliseconds since the epoch. */
  readonly at: number;
  readonly body: string;
}

/**
 * Returns the three headers with which a receiver verifies a message.
 * @param privateKeys cache of parsed private keys, shared between calls
 * @throws Error if the webhook has no key
 */
export function signatureHeaders(
  { secret, previous }: Omit<SenderCredentials, 'headers'>,
  message: SignedMessage,
  privateKeys = new PrivateKeyCache(),
): Record<string, string> {
  if (secret === '') throw new Error('the keys of the webhook can not be read');
  const timestamp = Math.floor(message.at / 1000);
  const content = `${message.id}.${timestamp}.${message.body}`;
  const hasPrevious = previous && previous.secret !== '' && message.at < previous.until;
  const keys = hasPrevious ? `${secret} ${previous.secret}` : secret;
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signaturesOf(keys, content, privateKeys),
  };
}

/**
 * Returns one signature of `content` for each key in `keys`. The keys are separated by spaces, and so are the
 * signatures. The `v1` signatures come first, because many libraries know no other, and not all of them skip a part
 * that they do not know.
 */
function signaturesOf(keys: string, content: string, privateKeys: PrivateKeyCache): string {
  // Does not call `split` if there is only one key. This saves time for most deliveries, because most
  // webhooks have only one key.
  if (!keys.includes(' ')) return signatureOf(keys, content, privateKeys);
  return keys
    .split(' ')
    .toSorted((a, b) => Number(isPrivateKey(a)) - Number(isPrivateKey(b)))
    .map((key) => signatureOf(key, content, privateKeys))
    .join(' ');
}

function signatureOf(key: string, content: string, privateKeys: PrivateKeyCache): string {
  if (isPrivateKey(key)) {
    return `v1a,${sign(null, Buffer.from(content), privateKeys.get(key)).toString('base64')}`;
  }
  return `v1,${createHmac('sha256', bytesOf(key)).update(content).digest('base64')}`;
}

function isPrivateKey(key: string): boolean {
  return key.startsWith(PRIVATE_KEY_PREFIX);
}

/** Decodes a key, which consists of a prefix such as `whsec_` and of base64, to bytes. */
function bytesOf(key: string): Buffer {
  return Buffer.from(key.slice(key.indexOf('_') + 1), 'base64');
}
