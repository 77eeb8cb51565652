import type { Credentials } from '../../../src/accounts/create-account.ts';
import type { Made } from './make-objects.ts';
import type { Unfinished } from './make-unfinished.ts';

/** An answer of the released version, which later versions must give, too. They may add fields. */
export interface RecordedAnswer {
  readonly as: 'owner' | 'operator';
  readonly path: string;
  readonly data: unknown;
}

/** Facts about the data folder of a released version, for tests. */
export interface Facts extends Made {
  readonly version: string;
  /** Time at which the folder was made, in milliseconds since the epoch. */
  readonly madeAt: number;
  readonly credentials: Readonly<Record<'operator' | 'owner' | 'disabled', Credentials>>;
  /** Password of the owner. */
  readonly password: string;
  readonly unfinished: Unfinished;
  readonly answers: readonly RecordedAnswer[];
}
