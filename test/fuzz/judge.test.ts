import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Operation, resolvedOperationsIn } from './described-api.ts';
import type { Actor } from './draft.ts';
import { type Answer, Judge } from './judge.ts';

const DOCUMENT = {
  security: [{ key: [] }],
  components: {
    schemas: {
      Thing: {
        type: 'object',
        required: ['id', 'at'],
        properties: { id: { type: 'string', format: 'uuid' }, at: { type: 'string', format: 'date-time' } },
      },
    },
    headers: { 'retry-after': { required: true, schema: { type: 'integer', minimum: 1 } } },
  },
  paths: {
    '/things/{id}': {
      get: {
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
          204: {},
          429: { headers: { 'retry-after': { $ref: '#/components/headers/retry-after' } } },
          500: { content: { 'application/json': { schema: {} } } },
        },
      },
    },
  },
};

const [OPERATION] = resolvedOperationsIn(DOCUMENT) as [Operation];
const GOOD = { id: '0190c2a4-9c4e-7b6e-8f00-2f6f3e1f9b11', at: '2026-01-01T08:00:00.000Z' };

function answer(status: number, body: unknown = '', headers: Record<string, string> = {}): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = text === '' ? {} : { 'content-type': 'application/json' };
  return { status, headers: { ...type, ...headers }, body: Buffer.from(text) };
}

function breaches(given: Answer, operation = OPERATION, actor: Actor = 'operator'): string[] {
  return new Judge().verdicts(operation, given, actor).map(({ breach }) => breach);
}

test('an answer that matches its description is no breach', () => {
  assert.deepEqual(breaches(answer(200, GOOD)), []);
  assert.deepEqual(breaches(answer(204)), []);
  assert.deepEqual(breaches(answer(429, '', { 'retry-after': '3' })), []);
});

test('a success for a caller without valid credentials is a breach, except on public operations', () => {
  for (const actor of ['nobody', 'stranger', 'forger'] as const) {
    assert.deepEqual(breaches(answer(204), OPERATION, actor), ['answered without credentials']);
    for (const security of [[], [{}, { key: [] }]]) {
      const [open] = resolvedOperationsIn({ ...DOCUMENT, security }) as [Operation];
      assert.deepEqual(breaches(answer(204), open, actor), []);
    }
  }
});

test('a server error is a breach, described or not', () => {
  assert.deepEqual(breaches(answer(500, {})), ['server error']);
  assert.deepEqual(breaches(answer(502)), ['server error', 'undocumented status']);
});

test('a status that is not described is a breach', () => {
  assert.deepEqual(breaches(answer(418)), ['undocumented status']);
});

test('a body that breaks its schema is a breach: a field missing, of another form, or no JSON', () => {
  const { at, ...without } = GOOD;
  assert.deepEqual(breaches(answer(200, without)), ['broken schema']);
  assert.deepEqual(breaches(answer(200, { ...GOOD, at: `${at}!` })), ['broken schema']);
  assert.deepEqual(breaches(answer(200, { ...GOOD, id: '7' })), ['broken schema']);
  assert.deepEqual(breaches(answer(200, '{"id":')), ['broken schema']);
});

test('a body of another type, or an unexpected one, is a breach', () => {
  const html = answer(200, GOOD, { 'content-type': 'text/html' });
  assert.deepEqual(breaches(html), ['undocumented content type']);
  const charset = answer(200, GOOD, { 'content-type': 'application/json; charset=utf-8' });
  assert.deepEqual(breaches(charset), ['undocumented content type']);
  assert.deepEqual(breaches(answer(204, 'x')), ['unexpected body']);
});

test('a header that is missing, or not as described, is a breach', () => {
  assert.deepEqual(breaches(answer(429)), ['missing header']);
  assert.deepEqual(breaches(answer(429, '', { 'retry-after': 'soon' })), ['broken header']);
  assert.deepEqual(breaches(answer(429, '', { 'retry-after': '0' })), ['broken header']);
});

test('the body of a HEAD does not count', () => {
  assert.deepEqual(breaches(answer(200), { ...OPERATION, method: 'HEAD' }), []);
});
