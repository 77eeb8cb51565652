import type { Row } from './routes.ts';

/** Who may call a route, as the documentation says it. */
export type Kind = 'public' | 'private' | 'any' | 'full' | 'operator';

/** What a credential makes of its bearer, as to things of the owner's. */
export type Standing = 'nobody' | 'uploader' | 'strange uploader' | 'stranger' | 'operator' | 'owner';

/** Success, an error by its code, or `own`: among things of the caller's own a success, for an owner's thing absent. */
export type Outcome = 'ok' | 'own' | 'unauthorized' | 'forbidden' | 'not_found';

/**
 * - `public`: anybody.
 * - `private`: files that are shown to full access of their account; to all others they look absent, as the
 *   credential is not asked for.
 * - `any`: every good credential, that of a key for uploads too.
 * - `full`: every good credential but that.
 * - `operator`: full access of an operator.
 */
const OUTCOMES: Record<Kind, Record<Standing, Outcome>> = {
  public: line('ok', 'ok', 'ok', 'ok', 'ok', 'ok'),
  private: line('not_found', 'not_found', 'not_found', 'not_found', 'not_found', 'ok'),
  any: line('unauthorized', 'ok', 'own', 'own', 'own', 'ok'),
  full: line('unauthorized', 'forbidden', 'forbidden', 'own', 'own', 'ok'),
  operator: line('unauthorized', 'forbidden', 'forbidden', 'forbidden', 'ok', 'forbidden'),
};

function line(
  nobody: Outcome,
  uploader: Outcome,
  strangeUploader: Outcome,
  stranger: Outcome,
  operator: Outcome,
  owner: Outcome,
): Record<Standing, Outcome> {
  return { nobody, uploader, 'strange uploader': strangeUploader, stranger, operator, owner };
}

/** What a cell of the matrix must be: `absent` is a 404 that is the very answer to an id that does not exist. */
export interface Expected {
  readonly outcome: 'ok' | 'unauthorized' | 'forbidden' | 'absent';
  /** Whether the call may change what is the owner's. */
  readonly isRightful: boolean;
}

export function expected(row: Row, standing: Standing): Expected {
  const outcome = row.except?.[standing] ?? OUTCOMES[row.kind][standing];
  if (outcome === 'own') return { outcome: row.id === undefined ? 'ok' : 'absent', isRightful: false };
  if (outcome === 'not_found') return { outcome: 'absent', isRightful: false };
  const mayChange = row.kind !== 'public' || row.actsForOwner === true;
  return { outcome, isRightful: outcome === 'ok' && mayChange };
}
