import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify, { type FastifySchemaValidationError } from 'fastify';
import { lazyValidator, useLazySerializers } from './lazy-schemas.ts';

test('a validator is compiled at its first use, and only once', () => {
  let compiled = 0;
  const validate = lazyValidator(() => {
    compiled += 1;
    return (value) => value === 'valid';
  });
  assert.equal(compiled, 0);
  assert.equal(validate('valid'), true);
  validate('invalid');
  assert.equal(compiled, 1);
});

test('a refusal gives the errors of the compiled validator', () => {
  const errors = [{ keyword: 'type', instancePath: '/name' }] as FastifySchemaValidationError[];
  const compiled = Object.assign(() => false, { errors });
  assert.deepEqual(lazyValidator(() => compiled)({}), { error: errors });
});

test('an answer is serialized by the schema of its own status', async () => {
  const app = fastify();
  useLazySerializers(app);
  const one = (name: string) => ({ type: 'object', properties: { [name]: { type: 'string' } } });
  app.get('/', { schema: { response: { 200: one('success'), 404: one('missing') } } }, (request, reply) =>
    reply
      .code(request.headers.wanted === '404' ? 404 : 200)
      .send({ success: 'a', missing: 'b', secret: 'c' }),
  );
  const bodyFor = async (wanted: string) => (await app.inject({ url: '/', headers: { wanted } })).json();
  assert.deepEqual(await bodyFor('200'), { success: 'a' });
  assert.deepEqual(await bodyFor('404'), { missing: 'b' });
  assert.deepEqual(await bodyFor('200'), { success: 'a' });
  await app.close();
});
