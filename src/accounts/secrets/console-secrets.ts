import { hash, randomBytes } from 'node:crypto';

/** Number of random bytes in the secret of a session or of a link. */
const SECRET_BYTES = 32;

/** Returns a new secret for the cookie of a session, or for a link. */
export function newConsoleSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** Returns the hash by which a secret is stored. It needs no salt, because the secret is random. */
export function consoleSecretHash(secret: string): string {
  return hash('sha256', secret, 'hex');
}
