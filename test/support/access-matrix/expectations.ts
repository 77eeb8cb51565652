/** The callers that may use a route, as the documentation names them. */
export type Kind = 'public' | 'private' | 'any' | 'full' | 'operator';

/** The relation of a caller to objects of the owner. */
export type Standing = 'nobody' | 'uploader' | 'strange uploader' | 'stranger' | 'operator' | 'owner';

/**
 * Success, an error by its code, or `own`. `own` means success for the caller's own objects, and "absent" for the
 * owner's.
 */
export type Outcome = 'ok' | 'own' | 'unauthorized' | 'forbidden' | 'not_found';

/**
 * - `public`: anybody.
 * - `private`: files that are served to full access of their account. To all others they look absent, because no
 *   credential is required.
 * - `any`: every valid credential, keys for uploads included.
 * - `full`: every valid credential except keys for uploads.
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

/** The part of a route's row that says who may call it. `routes.ts` explains the fields. */
export interface RouteRights {
  readonly kind: Kind;
  readonly id?: string;
  readonly actsForOwner?: true;
  readonly except?: Partial<Record<Standing, Outcome>>;
}

/** A cell of the matrix. `absent` is a 404 that is identical to the answer for an id that does not exist. */
export interface Expected {
  readonly outcome: 'ok' | 'unauthorized' | 'forbidden' | 'absent';
  /** Whether the call may change objects of the owner. */
  readonly isRightful: boolean;
}

/** Returns the expected cell for a caller of a route. */
export function expected(row: RouteRights, standing: Standing): Expected {
  const outcome = row.except?.[standing] ?? OUTCOMES[row.kind][standing];
  if (outcome === 'own') return { outcome: row.id === undefined ? 'ok' : 'absent', isRightful: false };
  if (outcome === 'not_found') return { outcome: 'absent', isRightful: false };
  const mayChange = row.kind !== 'public' || row.actsForOwner === true;
  return { outcome, isRightful: outcome === 'ok' && mayChange };
}
