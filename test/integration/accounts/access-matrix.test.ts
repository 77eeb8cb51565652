import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Description } from '../../../src/http/openapi/description.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import type { Caller } from '../../support/access-matrix/callers.ts';
import { assertCell, call } from '../../support/access-matrix/calls.ts';
import { expectedFor } from '../../support/access-matrix/expectations.ts';
import { holdingsOf } from '../../support/access-matrix/holdings.ts';
import { ROWS, type Row } from '../../support/access-matrix/routes.ts';
import { createWorld, type World } from '../../support/access-matrix/world.ts';
import { fetchDescription, operationsIn } from '../../support/docs/api-description.ts';
import { untilAllEnded } from '../../support/service/deliveries.ts';
import { lockDatabase } from '../../support/storage/database-lock.ts';

/**
 * Every route with every kind of credential: the rows are in `access-matrix/routes.ts`, the columns in
 * `access-matrix/callers.ts`, and the content of a cell follows from `access-matrix/expectations.ts`.
 */

let world: World;
/** Routes of the router, as OpenAPI writes them: `GET /api/webhooks/{id}`. */
const routingTable = new Set<string>();
/** Everything that the owner has before the first call. */
let holdings: Record<string, unknown[]>;
let requestsReceived: number;
let description: Description | undefined;

before(async () => {
  subscribe('fastify.initialization', watchRoutes);
  world = await createWorld();
  unsubscribe('fastify.initialization', watchRoutes);
  await untilAllEnded(world.owner, world.ids.webhook);
  holdings = await holdingsOf(world.owner.credentials.userId, world.test.dataDir);
  requestsReceived = world.receiver.received.length;
});

after(() => world.stop());

/** Routes that change nothing in the database although their method is not GET. */
const WITHOUT_COMMITS = new Set([
  'POST /api/media',
  'POST /api/media/{id}/part',
  // Inboxes are in memory.
  'POST /api/inboxes',
  'PUT /api/inboxes/{id}/behaviour',
  'DELETE /api/inboxes/{id}',
  'POST /inbox/{token}',
  // The caller has no session that could end.
  'DELETE /api/console/session',
  'POST /api/webhooks/check_url',
  'OPTIONS /assets/*',
]);

/** Reads the routes from the router itself, whether they are described or not. */
function watchRoutes(message: unknown): void {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routingTable.add(`${one} ${url.replace(/:(\w+)/g, '{$1}')}`);
  });
}

/** Returns the cells of the matrix: those that may change objects of the owner, or the others. */
function cells(row: Row, isRightful: boolean) {
  return world.callers
    .map((caller) => ({ caller, expected: expectedFor(row, caller) }))
    .filter((cell) => cell.expected.isRightful === isRightful);
}

function named(row: Row, nth: number): string {
  return `${row.route} (${row.kind}${row.id ? `, ${row.id}` : ''}, row ${nth + 1})`;
}

/** Returns the names of the parameters that the query of a route can have. */
async function parametersOf({ route }: Row): Promise<string[]> {
  description ??= await fetchDescription(world.test.service.url);
  const [method = '', path = ''] = route.split(' ');
  const operation = description.paths[path]?.[method.toLowerCase()];
  return (operation?.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name);
}

/** Returns whether an answer may hold data of the owner, for any caller. */
const tellsOfOwner = ({ kind }: Row) => kind === 'public' || kind === 'operator';

function assertNothingOfTheOwners(text: string, row: Row, caller: Caller): void {
  if (row.tellsOperators && caller.standing === 'operator') return;
  for (const mark of world.marks)
    assert.ok(!text.includes(mark), `${row.route} tells ${caller.name} ${mark}`);
}

test('each route of the OpenAPI document has a row, and each row a route', async () => {
  const operations = operationsIn(await fetchDescription(world.test.service.url));
  const documented = operations.map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replace('{file}', '*')}`,
  );
  const rows = new Set(ROWS.filter(({ hidden }) => !hidden).map(({ route }) => route));
  assert.deepEqual([...rows].toSorted(), documented.toSorted());
});

test("each route of the server's own table, hidden ones included, has a row", () => {
  const rows = new Set(ROWS.map(({ route }) => route));
  for (const { route, noHead } of ROWS) {
    if (route.startsWith('GET ') && !noHead) rows.add(route.replace('GET', 'HEAD'));
  }
  assert.deepEqual([...rows].toSorted(), [...routingTable].toSorted());
});

describe('a caller without permission', () => {
  for (const [nth, row] of ROWS.entries()) {
    test(named(row, nth), async () => {
      const id = row.id && world.ids[row.id];
      for (const { caller, expected } of cells(row, false)) {
        const { text } = await assertCell(world, row, caller, { id, expected });
        if (!tellsOfOwner(row)) assertNothingOfTheOwners(text, row, caller);
      }
    });
  }
});

describe("ids of the owner's objects in the query and body of another caller", () => {
  for (const [nth, row] of ROWS.entries()) {
    if (row.id || tellsOfOwner(row)) continue;
    test(named(row, nth), async () => {
      const { ids, owner } = world;
      const { userId } = owner.credentials;
      const extra = {
        ...{ id: ids.webhook, user_id: userId, account_id: userId, webhook_id: ids.webhook },
        ...{ media_id: ids.media, delivery_id: ids.delivery, api_key_id: ids.apiKey, search: 'of-the-owner' },
      };
      // A query with an unknown parameter is refused, so one call has all parameters, and another has those that
      // the operation knows.
      const known = await parametersOf(row);
      const query = Object.fromEntries(Object.entries(extra).filter(([name]) => known.includes(name)));
      for (const { caller } of cells(row, false)) {
        for (const one of [extra, query]) {
          const { status, text } = await call(world, row, caller, { extra, query: one });
          assert.ok(status < 500, text);
          assertNothingOfTheOwners(text, row, caller);
        }
      }
    });
  }
});

test('a cursor from the pages of another account gives access to nothing of that account', async () => {
  const stranger = (await world.test.newAccount()).client;
  const { id } = await stranger.createWebhook(world.receiverUrl);
  for (const cursor of ['999999999', '1']) {
    const { data } = await stranger.expect(200, 'GET', `/webhooks/${id}/deliveries?cursor=${cursor}`);
    assert.deepEqual(data, { deliveries: [], next_cursor: null });
    const all = await stranger.expect(200, 'GET', `/deliveries?cursor=${cursor}`);
    assert.deepEqual(all.data, { deliveries: [], next_cursor: null });
  }
});

test('an operator creates no operator', async () => {
  const { operator, newAccount } = world.test;
  const { credentials } = await newAccount();
  const fields = { is_operator: true, isOperator: true };
  const changed = await operator.expect(200, 'PATCH', `/accounts/${credentials.userId}`, fields);
  const email = 'would-be-operator@example.com';
  const made = await operator.expect(201, 'POST', '/accounts', { email, ...fields });
  for (const { data } of [changed, made]) assert.equal(data.account.is_operator, false);
});

test('after all of these calls the owner has what it had, and its receiver got nothing', async () => {
  const now = await holdingsOf(world.owner.credentials.userId, world.test.dataDir);
  assert.deepEqual(now, holdings);
  for (const [table, rows] of Object.entries(now)) assert.ok(rows.length > 0, `the owner has no ${table}`);
  assert.equal(world.receiver.received.length, requestsReceived);
});

describe('a caller with permission', () => {
  for (const [nth, row] of ROWS.entries()) {
    if (row.kind === 'public' && !row.actsForOwner) continue;
    test(named(row, nth), async () => {
      const rightful = cells(row, true);
      assert.ok(rightful.length > 0);
      for (const { caller, expected } of rightful) {
        const id = row.id && (await world.fresh(row.id));
        await assertCell(world, row, caller, { id, expected });
      }
    });
  }
});

test('the marks that no other caller read are in the answers to the owner', async () => {
  const { owner, ids } = world;
  const texts = [
    await owner.expect(200, 'GET', '/webhooks?limit=100'),
    await owner.expect(200, 'GET', `/webhooks/${ids.webhook}/secret`),
    await owner.expect(200, 'GET', `/webhooks/${ids.webhook}/deliveries`),
    await owner.expect(200, 'GET', '/deliveries?limit=100'),
    await owner.expect(200, 'POST', '/media', { limit: 100 }),
    await owner.expect(200, 'GET', '/api_keys?limit=100'),
    await owner.expect(200, 'GET', '/inboxes'),
  ].map((body) => JSON.stringify(body));
  const read = texts.join('\n');
  for (const mark of world.marks) assert.ok(read.includes(mark), mark);
});

test('while another program locks the database, each route that changes something answers 503, and each other as ever', async () => {
  const unlock = await lockDatabase(join(world.test.dataDir, 'mediahooks.sqlite'));
  const refused = new Set<string>();
  try {
    for (const row of ROWS) {
      const standing = row.kind === 'operator' ? 'operator' : 'owner';
      const caller = world.callers.find((one) => one.standing === standing) ?? assert.fail();
      const seen = await call(world, row, caller, row.id ? { id: world.ids[row.id] } : {});
      const shown = `${row.route}: ${seen.status} ${seen.text.slice(0, 300)}`;
      if (seen.status !== 503) assert.ok(seen.status < 500, shown);
      else {
        assert.deepEqual(
          [JSON.parse(seen.text).code, seen.headers.includes('retry-after')],
          ['unavailable', true],
          shown,
        );
        refused.add(row.route);
      }
    }
  } finally {
    // A lock that stays would keep the service from stopping, and the file from ending.
    await unlock();
  }
  const changes = ROWS.map(({ route }) => route).filter((route) => !/^(GET|HEAD) /.test(route));
  assert.deepEqual(new Set(changes).difference(refused), WITHOUT_COMMITS);
  await world.owner.expect(200, 'PATCH', `/webhooks/${world.ids.webhook}`, { name: 'of-the-owner' });
  await eventually('the service is ready', async () => {
    return (await fetch(`${world.test.service.url}/readyz`)).status === 200;
  });
});
