import fc from 'fast-check';

/**
 * Who asks: an operator by key or by token, another account, a key that may only upload, nobody, and those with
 * credentials that are not good or not even well-formed.
 */
export type Actor =
  | 'operator'
  | 'operator token'
  | 'other account'
  | 'upload key'
  | 'nobody'
  | 'stranger'
  | 'forger';

/** A request before it is known what there is: values may be `Known`. */
export interface Draft {
  /** `/api/webhooks/{id}` */
  readonly template: string;
  readonly method: string;
  readonly actor: Actor;
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: readonly (readonly [string, unknown])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: DraftBody | null;
}

export type DraftBody = { readonly kind: 'json' | 'form'; readonly value: unknown } | RawBody;

export interface RawBody {
  readonly kind: 'raw';
  /** None where it is null. */
  readonly type: string | null;
  readonly encoding?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** Text that goes into a URL as it is. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  [fc.toStringMethod](): string {
    return `raw ${JSON.stringify(this.text)}`;
  }
}
