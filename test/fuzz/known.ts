import fc from 'fast-check';

/** What the world has, to be asked for when a request is sent: which one it is, is known only then. */
export type Kind =
  | 'webhook'
  | 'delivery'
  | 'media'
  | 'api key'
  | 'account'
  /** One that was there. */
  | 'removed'
  /** An account that speaks in this run, which must not be shut out. */
  | 'actor'
  /** A URL of a receiver. */
  | 'url'
  | 'email'
  /** Of the account of the `email` with the same number. */
  | 'password'
  /** Of the account that asks. */
  | 'own password'
  /** A media with files that everybody may read, and one with files for those who have its link. */
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

  /** How fast-check shows it. */
  [fc.toStringMethod](): string {
    return `<${this.kind} ${this.nth}>`;
  }
}

export function known(kind: Kind): fc.Arbitrary<Known> {
  return fc.nat(1_000).map((nth) => new Known(kind, nth));
}
