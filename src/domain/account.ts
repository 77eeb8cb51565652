/** Issuer of the service's own tokens. An identity provider must not use this name. */
export const OWN_ISSUER = 'mediahooks';

/** The owner of media and webhooks. An operator's account may publish events for any account. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly isOperator: boolean;
  /**
   * The service refuses the credentials of a disabled account. It still encodes and delivers what it accepted before.
   */
  readonly isDisabled: boolean;
  /** See `accounts/passwords.ts`. `null`: no password was set, so that nobody can sign in with one. */
  readonly passwordHash: string | null;
  /** Number of password changes. Only tokens of the current generation are valid. */
  readonly tokenGeneration: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Changes that an account's owner or an operator may make. */
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
  /** SHA-256 of the secret, in hexadecimal. A slow hash would add nothing, because the secret has 256 random bits. */
  readonly secretHash: string;
  /** First characters of the secret, by which the owner can distinguish keys. */
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

/** Shape of an email address. Only a message sent to it can tell whether the address exists. */
export const EMAIL = /^[^\s@]+@[^\s@]+$/;

/** Returns an email address in the form in which it is stored and looked up, so that its case does not matter. */
export function normalEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}
