import fc from 'fast-check';

/**
 * Callers: an operator by key or by token, another account, a key that may only upload, nobody, and callers with
 * credentials that are invalid or malformed.
 */
export type Actor =
  | 'operator'
  | 'operator token'
  | 'other account'
  | 'upload key'
  | 'nobody'
  | 'stranger'
  | 'forger';

/** A request made before the objects are known that it names: values may be `Known`. */
export interface Draft {
  /** Template of the path, such as `/api/webhooks/{id}`. */
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
  /** Content type; `null`: none. */
  readonly type: string | null;
  readonly encoding?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** Text that goes into a URL unescaped. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  [fc.toStringMethod](): string {
    return `raw ${JSON.stringify(this.text)}`;
  }
}
