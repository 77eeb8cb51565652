/**
 * Issuer (`iss`) of the bearer tokens that the service signs itself. An identity provider must not use this
 * name.
 */
export const OWN_ISSUER = 'mediahooks';

/** The owner of media and webhooks. An operator's account is allowed to publish events for any account. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly isOperator: boolean;
  /**
   * The service refuses the credentials of a disabled account. Media and events that the service accepted
   * earlier are still encoded and delivered.
   */
  readonly isDisabled: boolean;
  /**
   * Hash of the password, made by `accounts/passwords.ts`. `null`: no password was set, and nobody can sign
   * in with a password.
   */
  readonly passwordHash: string | null;
  /**
   * Number of password changes. A token contains this number, and is refused when the number has changed
   * since.
   */
  readonly tokenGeneration: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Changes that the owner of an account or an operator is allowed to make. */
export type AccountChanges = Partial<
  Pick<Account, 'firstName' | 'lastName' | 'isDisabled'> & { readonly passwordHash: string }
>;

export const API_KEY_TYPES = ['full_access', 'only_upload'] as const;
export type ApiKeyType = (typeof API_KEY_TYPES)[number];

export interface ApiKey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly publicKey: string;
  /**
   * SHA-256 of the secret, in hexadecimal. A slow hash would add no security, because the secret has 256
   * random bits.
   */
  readonly secretHash: string;
  /** First characters of the secret, by which the owner can tell the account's keys apart. */
  readonly truncatedSecret: string;
  readonly type: ApiKeyType;
  /** Seconds from creation to expiry. */
  readonly ttl: number;
  /** Milliseconds since the epoch. `null`: the key does not expire. */
  readonly expiresAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly lastRequestedAt: number | null;
}

/** Matches the format of an email address. An address that matches might still not exist. */
export const EMAIL = /^[^\s@]+@[^\s@]+$/;

/**
 * Returns an email address in the form in which the database stores it. Addresses that differ only in upper
 * and lower case have the same form, so they belong to the same account.
 */
export function normalEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}
