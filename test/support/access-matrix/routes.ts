import type { Kind, RouteRights } from './expectations.ts';
import type { OwnedKind, World } from './world.ts';

/**
 * Row of the matrix: one route of the service, with the callers that are allowed to use it. The callers are
 * repeated here instead of being read from the route, so that the test fails if a route requires too little.
 * To add a route, add a line such as `row('GET /api/things/{id}', 'full', { id: 'webhook' })`. The route is
 * written as in the OpenAPI document. The third argument has these fields:
 * - `id`: kind of the owner's object that `{id}` names. `world.ts` creates the objects.
 * - `with`: values of the other parts of the path, including `*`.
 * - `query`, `body`: values that the call needs to succeed.
 * - `headers`: headers that the call needs to succeed.
 * - `ok`: status of a successful call, if it is not 200.
 * - `hidden`: the OpenAPI document leaves the route out.
 * - `noHead`: the route is a GET that does not accept HEAD.
 * - `actsForOwner`: the route is public, but lets a caller sign in as the owner, which adds records.
 * - `tellsOperators`: the route is about the caller's account, but shows other accounts to operators who ask
 *   for them.
 * - `refusesCookies`: the route does not accept the console's cookie.
 * - `except`: callers whose outcome differs from `expectations.ts`. A comment must give the reason.
 */
export interface Row extends RouteRights {
  readonly route: string;
  readonly id?: OwnedKind;
  readonly with?: (world: World) => Record<string, string>;
  readonly query?: string;
  readonly body?: (world: World) => object;
  readonly ok?: number;
  readonly headers?: Record<string, string>;
  readonly hidden?: true;
  readonly noHead?: true;
  readonly tellsOperators?: true;
}

const row = (route: string, kind: Kind, more: Omit<Row, 'route' | 'kind'> = {}): Row => ({
  route,
  kind,
  ...more,
});

const CONSOLE = { 'x-mediahooks-console': '1' };

const hidden = true;
const json = (fields: object) => ({ body: () => fields });

export const ROWS: readonly Row[] = [
  row('GET /api/webhooks', 'full'),
  row('POST /api/webhooks', 'full', {
    ok: 201,
    body: ({ receiverUrl: url }) => ({ url, file_received: true }),
  }),
  row('GET /api/webhooks/{id}', 'full', { id: 'webhook' }),
  row('PUT /api/webhooks/{id}', 'full', { id: 'webhook', ...json({ name: 'changed' }) }),
  row('PATCH /api/webhooks/{id}', 'full', { id: 'webhook', ...json({ name: 'changed' }) }),
  row('DELETE /api/webhooks/{id}', 'full', { id: 'webhook' }),
  row('POST /api/webhooks/check/{id}', 'full', { id: 'webhook' }),
  row('POST /api/webhooks/check_url', 'full', json({ url: 'https://example.com/hooks' })),
  row('GET /api/webhooks/{id}/checks', 'full', { id: 'webhook' }),
  row('POST /api/webhooks/{id}/pause', 'full', { id: 'webhook' }),
  row('POST /api/webhooks/{id}/resume', 'full', { id: 'webhook' }),
  row('GET /api/webhooks/{id}/secret', 'full', { id: 'webhook' }),
  row('POST /api/webhooks/{id}/secret/rotate', 'full', { id: 'webhook' }),
  row('GET /api/webhooks/{id}/public_key', 'full', { id: 'webhook' }),
  row('GET /api/webhooks/{id}/deliveries', 'full', { id: 'webhook' }),
  row('POST /api/webhooks/{id}/recover', 'full', {
    id: 'webhook',
    ok: 202,
    ...json({ since: '2020-01-01T00:00:00Z' }),
  }),
  row('GET /api/webhooks/{id}/recoveries', 'full', { id: 'webhook' }),
  row('GET /api/deliveries', 'full'),
  row('GET /api/webhooks/statistics', 'full'),
  row('GET /api/webhooks/deliveries/live', 'full', { query: 'seconds=0' }),
  row('GET /api/deliveries/{id}', 'full', { id: 'delivery' }),
  row('POST /api/deliveries/{id}/retry', 'full', { id: 'delivery', ok: 202 }),

  row('POST /api/inboxes', 'full', { ok: 201 }),
  row('GET /api/inboxes', 'full'),
  row('GET /api/inboxes/{id}', 'full', { id: 'inbox' }),
  row('PUT /api/inboxes/{id}/behaviour', 'full', { id: 'inbox', ...json({ status: 200 }) }),
  row('DELETE /api/inboxes/{id}', 'full', { id: 'inbox' }),
  row('GET /api/inboxes/{id}/live', 'full', { id: 'inbox', query: 'seconds=0' }),
  row('POST /inbox/{token}', 'public', { hidden, with: ({ inboxToken: token }) => ({ token }), ...json({}) }),

  row('POST /api/events', 'operator', { ok: 202, body: ({ event }) => event }),

  row('POST /api/media/create', 'any', json({ title: 'A clip' })),
  row('POST /api/media/{id}/part', 'any', { id: 'draft', body: ({ part }) => part() }),
  row('GET /api/media/{id}/complete', 'any', { id: 'filled', noHead: true }),
  row('GET /api/media/{id}/upload', 'any', { id: 'draft' }),
  row('POST /api/media', 'full', json({})),
  row('GET /api/media', 'full'),
  row('GET /api/media/{id}', 'full', { id: 'media' }),
  row('GET /api/media/{id}/story', 'full', { id: 'media' }),
  row('GET /api/media/{id}/player.json', 'full', { id: 'media' }),
  row('PATCH /api/media/{id}', 'full', { id: 'draft', ...json({ title: 'changed' }) }),
  row('DELETE /api/media/{id}', 'full', { id: 'draft' }),
  row('POST /api/media/{id}/thumbnail', 'full', { id: 'draft', body: ({ picture }) => picture() }),
  row('DELETE /api/media/{id}/thumbnail', 'full', { id: 'draft' }),
  row('GET /api/media/cost', 'full', { query: 'qualities=720p&type=video&duration=1' }),

  row('GET /api/api_keys', 'full'),
  row('POST /api/api_keys', 'full', { ok: 201, ...json({ api_key_name: 'another' }) }),
  row('PATCH /api/api_keys/{id}', 'full', { id: 'apiKey', ...json({ api_key_name: 'changed' }) }),
  row('DELETE /api/api_keys/{id}', 'full', { id: 'apiKey' }),
  row('GET /api/user/me', 'full'),
  row('GET /api/audit', 'full', { tellsOperators: true }),
  row('GET /api/audit', 'operator', { query: 'scope=all', tellsOperators: true }),
  row('POST /api/auth/login', 'public', {
    body: ({ email, password }) => ({ email, password }),
    actsForOwner: true,
  }),
  row('POST /api/auth/password', 'full', {
    body: ({ password }) => ({ current_password: password, new_password: password }),
    // A caller who knows the owner's password can't use it here, because the route compares it with the
    // password of the caller's own account.
    except: { stranger: 'forbidden', operator: 'forbidden' },
    // The answer has a token, which no script of the console may get.
    refusesCookies: true,
  }),

  row('GET /api/accounts', 'operator'),
  row('POST /api/accounts', 'operator', {
    ok: 201,
    body: () => ({ email: `${crypto.randomUUID()}@example.com` }),
  }),
  row('GET /api/accounts/{id}', 'operator', { id: 'account' }),
  row('PATCH /api/accounts/{id}', 'operator', { id: 'account', ...json({ first_name: 'Changed' }) }),
  row('POST /api/accounts/{id}/console-links', 'operator', { id: 'account', ok: 201 }),

  row('GET /api/console/session', 'any'),
  row('POST /api/console/session', 'public', {
    headers: CONSOLE,
    body: ({ email, password }) => ({ email, password }),
    actsForOwner: true,
  }),
  row('DELETE /api/console/session', 'public', { headers: CONSOLE, actsForOwner: true }),
  row('POST /api/console/session/password', 'full', {
    headers: CONSOLE,
    body: ({ password }) => ({ current_password: password, new_password: password }),
    // The route compares the password with that of the caller's own account.
    except: { stranger: 'forbidden', operator: 'forbidden' },
  }),
  row('GET /api/console/logo', 'public', { hidden, ok: 404 }),

  row('GET /healthz', 'public'),
  row('GET /readyz', 'public'),
  row('GET /metrics', 'public'),
  row('GET /', 'public', { hidden }),
  row('GET /api/openapi.json', 'public', { hidden }),
  row('GET /api/docs', 'public', { hidden }),
  row('GET /console', 'public', { hidden }),
  row('GET /console/*', 'public', { hidden, with: () => ({ '*': 'webhooks' }) }),

  row('OPTIONS /assets/*', 'public', { hidden, ok: 204, with: () => ({ '*': 'anything' }) }),
  row('GET /assets/{id}/*', 'public', {
    id: 'publicMedia',
    with: () => ({ '*': 'hls/master.m3u8' }),
  }),
  row('GET /assets/{id}/*', 'private', { id: 'publicMedia', with: () => ({ '*': 'source' }) }),
  row('GET /assets/{id}/*', 'private', { id: 'media', with: () => ({ '*': 'hls/master.m3u8' }) }),
  row('GET /assets/{id}/*', 'private', { id: 'media', with: () => ({ '*': 'source' }) }),
  // Everybody who has a link is allowed to read the files of its media, but not the source, and no other
  // media.
  row('GET /assets/t/{token}/{id}/*', 'public', {
    id: 'media',
    with: ({ link: token }) => ({ token, '*': 'hls/master.m3u8' }),
  }),
  row('GET /assets/t/{token}/{id}/*', 'private', {
    id: 'media',
    with: ({ link: token }) => ({ token, '*': 'source' }),
  }),
  row('GET /assets/t/{token}/{id}/*', 'private', {
    id: 'media',
    with: ({ linkOfAnother: token }) => ({ token, '*': 'hls/master.m3u8' }),
  }),
  row('GET /player/{id}/hls', 'public', { id: 'publicMedia' }),
  row('GET /player/{id}/hls', 'private', { id: 'media' }),
  row('GET /player/t/{token}/{id}/hls', 'public', {
    id: 'media',
    with: ({ link: token }) => ({ token }),
  }),
  row('GET /player/t/{token}/{id}/hls', 'private', {
    id: 'media',
    with: ({ linkOfAnother: token }) => ({ token }),
  }),
];
