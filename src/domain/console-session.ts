/** Ways to sign in to the web console. */
export const SIGN_IN_MEANS = ['password', 'api_key', 'link'] as const;
export type SignInMeans = (typeof SIGN_IN_MEANS)[number];

/** Session of an account in the web console. The browser proves it with a cookie. */
export interface ConsoleSession {
  /** Hash of the secret that the cookie holds. The secret can't be restored from it. */
  readonly id: string;
  readonly userId: string;
  readonly means: SignInMeans;
  /** API key with which the session was opened, and whose rights it has; `null`: another means. */
  readonly apiKeyId: string | null;
  /** `tokenGeneration` of the account when the session was opened. A change of the password ends the session. */
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A link that opens one session. */
export interface ConsoleLink {
  /** Hash of the secret in the link. */
  readonly id: string;
  readonly userId: string;
  readonly createdAt: number;
  /** Time until which the link can be used. */
  readonly expiresAt: number;
}
