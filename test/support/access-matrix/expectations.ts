/** Callers that are allowed to use a route, as the documentation names them. */
export type Kind = 'public' | 'private' | 'any' | 'full' | 'operator';

/** Relation of a caller to the objects of the owner. */
export type Standing = 'nobody' | 'uploader' | 'strange uploader' | 'stranger' | 'operator' | 'owner';

/**
 * `ok`, an error code, or `own`. `own` means success for the caller's own objects, and a 404 for the owner's
 * objects.
 */
export type Outcome = 'ok' | 'own' | 'unauthorized' | 'forbidden' | 'not_found';

/**
 * Outcome for each kind of route and each kind of caller.
 * - `public`: everybody is allowed.
 * - `private`: files that are served only to callers with full access to their account. All other callers get
 *   a 404, as if the files did not exist, because the routes require no credential.
 * - `any`: every valid credential is allowed, and keys for uploads, too.
 * - `full`: every valid credential is allowed, except keys for uploads.
 * - `operator`: operators with full access are allowed.
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

/**
 * Fields of a route's row that say which callers are allowed to use the route. `routes.ts` explains the
 * fields.
 */
export interface RouteRights {
  readonly kind: Kind;
  readonly id?: string;
  readonly actsForOwner?: true;
  readonly refusesCookies?: true;
  readonly except?: Partial<Record<Standing, Outcome>>;
}

/**
 * Expected content of a cell of the matrix. `absent` is a 404 that is identical to the answer for an id that
 * does not exist.
 */
export interface Expected {
  readonly outcome: 'ok' | 'unauthorized' | 'forbidden' | 'absent';
  /** Whether the call is allowed to change objects of the owner. */
  readonly isRightful: boolean;
}

/** Returns the expected result when a caller of this standing calls the route. */
export function expected(row: RouteRights, standing: Standing): Expected {
  const outcome = row.except?.[standing] ?? OUTCOMES[row.kind][standing];
  if (outcome === 'own') return { outcome: row.id === undefined ? 'ok' : 'absent', isRightful: false };
  if (outcome === 'not_found') return { outcome: 'absent', isRightful: false };
  const mayChange = row.kind !== 'public' || row.actsForOwner === true;
  return { outcome, isRightful: outcome === 'ok' && mayChange };
}

/**
 * Returns the expected result when a caller calls a route. The console's cookie counts in requests to the API only, and some
 * routes refuse it.
 */
export function expectedFor(
  row: RouteRights & { readonly route: string },
  { standing, isCookie }: { readonly standing: Standing; readonly isCookie?: true },
): Expected {
  if (isCookie && !row.route.includes(' /api/')) return expected(row, 'nobody');
  const { outcome, isRightful } = expected(row, standing);
  if (isCookie && row.refusesCookies && outcome === 'ok') return { outcome: 'forbidden', isRightful: false };
  return { outcome, isRightful };
}
