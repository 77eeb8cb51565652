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
 * Standard Webhooks' signatures, symmetric (`v1`) and asymmetric (`v1a`):
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

const SECRET_PREFIX = 'whsec_';
const PRIVATE_KEY_PREFIX = 'whsk_';
const PUBLIC_KEY_PREFIX = 'whpk_';
/** The specification asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;
/** A private key is written as its seed and its public key, of as many bytes each: RFC 8032 section 5.1.5. */
const SEED_BYTES = 32;
/** What comes before the seed in PKCS #8: RFC 8410 section 7. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A new signing secret: `whsec_` and 32 random bytes in base64. */
export function newSigningSecret(): string {
  return SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** A new Ed25519 key: `whsk_`, and its seed and public key in base64. */
export function newPrivateKey(): string {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const bytes = Buffer.concat([Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]);
  return PRIVATE_KEY_PREFIX + bytes.toString('base64');
}

/** The public key of a `whsk_…`, as `whpk_…`. */
export function publicKeyOf(privateKey: string): string {
  return PUBLIC_KEY_PREFIX + bytesOf(privateKey).subarray(SEED_BYTES).toString('base64');
}

export interface SignedMessage {
  /** The same for every repeat of a message. */
  readonly id: string;
  /** When this attempt is made, in milliseconds since the epoch. */
  readonly at: number;
  readonly body: string;
}

/** The three headers that let a receiver verify a message. @throws Error without a key */
export function signatureHeaders(
  { secret, previous }: Omit<SenderCredentials, 'headers'>,
  message: SignedMessage,
): Record<string, string> {
  if (secret === '') throw new Error('the keys of the webhook can not be read');
  const timestamp = Math.floor(message.at / 1000);
  const content = `${message.id}.${timestamp}.${message.body}`;
  let signatures = signaturesOf(secret, content);
  if (previous && previous.secret !== '' && message.at < previous.until) {
    signatures += ` ${signaturesOf(previous.secret, content)}`;
  }
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures,
  };
}

/** Apart by spaces, as are the keys. */
function signaturesOf(keys: string, content: string): string {
  // Most have one key, and it is on the path of every delivery.
  if (!keys.includes(' ')) return signatureOf(keys, content);
  return keys
    .split(' ')
    .map((key) => signatureOf(key, content))
    .join(' ');
}

function signatureOf(key: string, content: string): string {
  if (key.startsWith(PRIVATE_KEY_PREFIX)) {
    return `v1a,${sign(null, Buffer.from(content), keyObjectOf(key)).toString('base64')}`;
  }
  return `v1,${createHmac('sha256', bytesOf(key)).update(content).digest('base64')}`;
}

/** A key takes as long to be read as to sign: some are kept. */
const KEPT_KEYS = 1_000;
const keptKeys = new Map<string, KeyObject>();

function keyObjectOf(privateKey: string): KeyObject {
  const kept = keptKeys.get(privateKey);
  if (kept) return kept;
  const seed = bytesOf(privateKey).subarray(0, SEED_BYTES);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
  if (keptKeys.size >= KEPT_KEYS) keptKeys.clear();
  keptKeys.set(privateKey, key);
  return key;
}

/** What stands behind the prefix of a key. */
function bytesOf(key: string): Buffer {
  return Buffer.from(key.slice(key.indexOf('_') + 1), 'base64');
}
