import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import { assertRefusal } from '../service/refusal.ts';
import type { Caller } from './callers.ts';
import type { Expected } from './expectations.ts';
import type { Row } from './routes.ts';
import type { World } from './world.ts';

/** Parts of an answer that are the same in each call. */
export interface Seen {
  readonly status: number;
  readonly text: string;
  /** Names of the answer's headers. */
  readonly headers: string[];
  readonly contentType: string | null;
}

/** Parts of a call that its row does not contain. */
export interface CallOptions {
  /** Value of `{id}`. */
  readonly id?: string;
  readonly method?: string;
  /** Additional fields of a JSON body. */
  readonly extra?: Record<string, string>;
  /** Additional parameters of the query. */
  readonly query?: Record<string, string>;
}

/** Calls the route of a row as `caller`. */
export async function call(world: World, row: Row, caller: Caller, options: CallOptions = {}): Promise<Seen> {
  const [rowMethod = '', template = ''] = row.route.split(' ');
  const method = options.method ?? rowMethod;
  const parts: Record<string, string | undefined> = { id: options.id, ...row.with?.(world) };
  const path = template.replace(/\{(\w+)\}|\*/g, (place, name) => parts[name ?? place] ?? assert.fail(place));
  const query = new URLSearchParams([
    ...new URLSearchParams(row.query),
    ...Object.entries(options.query ?? {}),
  ]);
  const body = method === 'HEAD' ? undefined : row.body?.(world);
  const headers: Record<string, string> = { ...row.headers, ...(await caller.headers()) };
  if (body && !(body instanceof FormData)) headers['content-type'] = 'application/json';
  const response = await fetch(`${world.test.service.url}${path}?${query}`, {
    method,
    headers,
    ...(body && { body: body instanceof FormData ? body : JSON.stringify({ ...options.extra, ...body }) }),
  });
  return {
    status: response.status,
    text: await response.text(),
    headers: [...response.headers.keys()].toSorted(),
    contentType: response.headers.get('content-type'),
  };
}

/**
 * Calls the route of a row as `caller`, and asserts that the outcome is the expected one. A GET is also
 * called by HEAD.
 */
export async function assertCell(
  world: World,
  row: Row,
  caller: Caller,
  { id, expected: { outcome } }: { id: string | undefined; expected: Expected },
): Promise<Seen> {
  const options = id === undefined ? {} : { id };
  const seen = await call(world, row, caller, options);
  const shown = `${row.route} by ${caller.name}: ${seen.status} ${seen.text.slice(0, 500)}`;
  if (outcome === 'ok') assert.equal(seen.status, row.ok ?? 200, shown);
  else assertCode(seen, outcome === 'absent' ? 'not_found' : outcome, shown);
  if (outcome === 'absent') {
    const absent = await call(world, row, caller, { id: randomUUID() });
    assert.deepEqual(seen, absent, `${shown}: other than an id that there is not`);
  }
  if (row.route.startsWith('GET ') && !row.noHead) {
    const head = await call(world, row, caller, { ...options, method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [seen.status, ''], `HEAD ${shown}`);
  }
  return seen;
}

function assertCode({ status, text, contentType }: Seen, code: ErrorCode, shown: string): void {
  assert.match(text, /^\{.*\}$/, shown);
  assertRefusal({ status, contentType, body: JSON.parse(text) }, code);
}
