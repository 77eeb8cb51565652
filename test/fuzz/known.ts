import fc from 'fast-check';

/**
 * A reference to an object of the world. The object is looked up when the request is sent, because only then is it
 * known.
 */
export type Kind =
  | 'webhook'
  | 'delivery'
  | 'media'
  | 'api key'
  | 'inbox'
  | 'account'
  /** An object that was removed. */
  | 'removed'
  /** An account that is used in this run, so that it must not be locked out. */
  | 'actor'
  /** A URL of a receiver. */
  | 'url'
  | 'email'
  /** Password of the account of the `email` with the same number. */
  | 'password'
  /** Password of the account that asks. */
  | 'own password'
  /** A media with public files, and one with files for callers who have a link to it. */
  | 'encoded media'
  | 'private media'
  | 'link'
  | 'expired link';

export class Known {
  readonly kind: Kind;
  readonly nth: number;

  constructor(kind: Kind, nth: number) {
    this.kind = kind;
    this.nth = nth;
  }

  /** The text that fast-check prints. */
  [fc.toStringMethod](): string {
    return `<${this.kind} ${this.nth}>`;
  }
}

export function known(kind: Kind): fc.Arbitrary<Known> {
  return fc.nat(1_000).map((nth) => new Known(kind, nth));
}
