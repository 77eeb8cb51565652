import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { SenderCredentials } from '../../domain/webhook.ts';
import { HmacKey } from './hmac.ts';

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
/** Maximum number of prepared keys in a cache, of each kind. A prepared key takes some 500 bytes. */
const MAX_CACHED_KEYS = 10_000;

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

/** Cache of prepared keys. Saves time, because preparing a key takes as long as signing with the key. */
export class SigningKeyCache {
  readonly #privateKeys = new Map<string, KeyObject>();
  readonly #secrets = new Map<string, HmacKey>();

  /** Returns the prepared form of a private key that begins with `whsk_`. */
  privateKey(text: string): KeyObject {
    return fromCache(this.#privateKeys, text, parsePrivateKey);
  }

  /** Returns the prepared form of a secret that begins with `whsec_`. */
  secret(text: string): HmacKey {
    return fromCache(this.#secrets, text, (secret) => new HmacKey(bytesOf(secret)));
  }
}

function fromCache<Key>(cache: Map<string, Key>, text: string, prepare: (text: string) => Key): Key {
  const cached = cache.get(text);
  if (cached) return cached;
  const key = prepare(text);
  if (cache.size >= MAX_CACHED_KEYS) cache.clear();
  cache.set(text, key);
  return key;
}

function parsePrivateKey(privateKey: string): KeyObject {
  const seed = bytesOf(privateKey).subarray(0, SEED_BYTES);
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
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
 * @param signingKeys cache of prepared keys, shared between calls
 * @throws Error if the webhook has no key
 */
export function signatureHeaders(
  { secret, previous }: Omit<SenderCredentials, 'headers'>,
  message: SignedMessage,
  signingKeys = new SigningKeyCache(),
): Record<string, string> {
  if (secret === '') throw new Error('the keys of the webhook can not be read');
  const timestamp = Math.floor(message.at / 1000);
  const content = { head: `${message.id}.${timestamp}.`, body: message.body };
  const hasPrevious = previous && previous.secret !== '' && message.at < previous.until;
  const keys = hasPrevious ? `${secret} ${previous.secret}` : secret;
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signaturesOf(keys, content, signingKeys),
  };
}

/** Text that is signed, in two parts: joining them would copy the body. */
interface SignedContent {
  readonly head: string;
  readonly body: string;
}

/**
 * Returns one signature of `content` for each key in `keys`. The keys are separated by spaces, and so are the
 * signatures. The `v1` signatures come first, because many libraries know no other, and not all of them skip a part
 * that they do not know.
 */
function signaturesOf(keys: string, content: SignedContent, signingKeys: SigningKeyCache): string {
  // Does not call `split` if there is only one key. This saves time for most deliveries, because most
  // webhooks have only one key.
  if (!keys.includes(' ')) return signatureOf(keys, content, signingKeys);
  return keys
    .split(' ')
    .toSorted((a, b) => Number(isPrivateKey(a)) - Number(isPrivateKey(b)))
    .map((key) => signatureOf(key, content, signingKeys))
    .join(' ');
}

function signatureOf(key: string, { head, body }: SignedContent, signingKeys: SigningKeyCache): string {
  if (isPrivateKey(key)) {
    return `v1a,${sign(null, Buffer.from(head + body), signingKeys.privateKey(key)).toString('base64')}`;
  }
  return `v1,${signingKeys.secret(key).sign(head, body)}`;
}

function isPrivateKey(key: string): boolean {
  return key.startsWith(PRIVATE_KEY_PREFIX);
}

/** Decodes a key, which consists of a prefix such as `whsec_` and of base64, to bytes. */
function bytesOf(key: string): Buffer {
  return Buffer.from(key.slice(key.indexOf('_') + 1), 'base64');
}
