/** Issuer of the service's own tokens. An identity provider must not use this name. */
export const OWN_ISSUER = 'mediahooks';

/** Whoever owns media and webhooks. An operator may publish events for any account. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly isOperator: boolean;
  /** Its credentials are refused; what was accepted for it is still encoded and delivered. */
  readonly isDisabled: boolean;
  /** See `accounts/passwords.ts`; null where none was set, and then nobody signs in with one. */
  readonly passwordHash: string | null;
  /** Counts the changes of its password: only tokens of the present generation are good. */
  readonly tokenGeneration: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What its owner or an operator may change of an account. */
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
  /** SHA-256 of the secret, hex. The secret has 256 bits of its own, so a slow hash would add nothing. */
  readonly secretHash: string;
  /** The secret's first characters, for its owner to tell keys apart. */
  readonly truncatedSecret: string;
  readonly type: ApiKeyType;
  /** Seconds from creation to expiry. */
  readonly ttl: number;
  /** Milliseconds since the epoch; null for a key that does not expire. */
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
