import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import AjvCompiler from '@fastify/ajv-compiler';
import { Webhook } from 'standardwebhooks';
import {
  type Content,
  type Description,
  examplesIn,
  type Schema,
} from '../../../src/http/openapi/description.ts';
import { EXAMPLE_SECRET } from '../../../src/http/wire/example-values.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import {
  type DescribedOperation,
  fetchDescription,
  operationsIn,
} from '../../support/docs/api-description.ts';
import { ONE_PIXEL } from '../../support/media/pictures.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { ApiClient, basicHeaders } from '../../support/service/api-client.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** The examples of the API's description, compared with their schemas and with the answers of the service. */

let service: TestService;
let receiver: Receiver;
let description: Description;
let operations: DescribedOperation[];

before(async () => {
  service = await startTestService();
  receiver = await Receiver.start();
  description = await fetchDescription(service.service.url);
  operations = operationsIn(description);
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

test('every example matches its schema, and has no other fields', () => {
  const compile = AjvCompiler()({}, { customOptions: { coerceTypes: false, strictTypes: false } });
  const delivered = operationsIn({ paths: description.webhooks });
  for (const { name, method, path, operation } of [...operations, ...delivered]) {
    const answers = Object.values(operation.responses);
    const contents = [operation.requestBody, ...answers].flatMap((one) => Object.values(one?.content ?? {}));
    for (const content of contents.filter((one) => examplesIn(one).length > 0)) {
      const validate = compile({
        schema: closed(content.schema ?? assert.fail()),
        method,
        url: path,
        httpPart: 'body',
      });
      for (const example of examplesIn(content)) {
        const isValid = validate(structuredClone(example));
        assert.ok(isValid, `${name}: ${JSON.stringify(validate.errors)}`);
      }
    }
    for (const { name: parameter, schema, example } of operation.parameters ?? []) {
      if (example === undefined) continue;
      const validate = compile({ schema, method, url: path, httpPart: 'params' });
      assert.ok(validate(example), `${name}: ${parameter}`);
    }
  }
});

test("a delivered event's example is verified with the headers and the secret of the examples", () => {
  for (const { path: type, operation } of operationsIn({ paths: description.webhooks })) {
    const [body] = examplesIn(operation.requestBody?.content['application/json'] as Content);
    const headers = Object.fromEntries(
      operation.parameters?.map(({ name, example }) => [name, example]) ?? [],
    );
    assert.equal((body as { type: string }).type, type);
    // The time of the example, because the library refuses old messages.
    const at = Number(headers['webhook-timestamp']);
    const [version, signature] = String(headers['webhook-signature']).split(',');
    const signed = new Webhook(EXAMPLE_SECRET).sign(
      headers['webhook-id'] as string,
      new Date(at * 1000),
      JSON.stringify(body),
    );
    assert.equal(`${version},${signature}`, signed);
  }
});

test('the examples are accepted, and the answers have the shape of the examples', async () => {
  const called = new Set<string>();

  /** Calls an operation with its example, or with `body`; asserts its status and its shape. */
  async function call(id: string, options: CallOptions = {}) {
    const found = operations.find(({ operation }) => operation.operationId === id);
    assert.ok(found, id);
    called.add(id);
    const { client = service.client, params = {}, query = '', change = {} } = options;
    const { method, path, operation } = found;
    const [[status = '', answer] = []] = Object.entries(operation.responses).filter(([one]) =>
      one.startsWith('2'),
    );
    const [type = '', taken] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
    const example = taken && examplesIn(taken)[0];
    const body =
      type === 'multipart/form-data'
        ? { body: formOf(example as object, options.file) }
        : example === undefined
          ? {}
          : { body: JSON.stringify({ ...example, ...change }), headers: { 'content-type': type } };
    const headers = Object.fromEntries(
      (operation.parameters ?? [])
        .filter((one) => one.in === 'header')
        .map((one) => [one.name, String(one.example)]),
    );
    const url = path.replace(/\{(\w+)\}/g, (_all, name: string) => params[name] ?? '') + query;
    const root = url.startsWith('/api/') ? url.slice('/api'.length) : `/..${url}`;
    const answered = await client.send(root, {
      method: method.toUpperCase(),
      ...body,
      headers: { ...headers, ...body.headers },
    });
    assert.equal(String(answered.status), status, `${id}: ${JSON.stringify(answered.body)}`);
    for (const one of examplesIn(answer?.content?.['application/json'] as Content)) {
      assertSameShape(answered.body, one, id);
      const different = differencesOf(withExampleUrl(answered.body), one, id);
      const unexplained = different.filter((text) => !VARIES.some((place) => place.test(text)));
      assert.deepEqual(unexplained, []);
    }
    return answered.body;
  }

  const { operator } = service;

  await call('getHealth');
  await call('getReadiness');

  const { account, api_key: firstKey } = (await call('createAccount', { client: operator })).data;
  await call('listAccounts', { client: operator });
  await call('getAccount', { client: operator, params: account });
  const { email } = account;
  const password = 'correct horse battery staple';
  await call('updateAccount', {
    client: operator,
    params: account,
    change: { is_disabled: false, password },
  });
  const { token } = (await call('signIn', { change: { email } })).data;
  await call('signInToConsole', { change: { email } });
  await call('getConsoleSession');
  await call('signOutOfConsole');
  await call('createConsoleLink', { client: operator, params: account });
  await call('getCurrentUser');
  await call('changePassword', {
    client: new ApiClient(service.service.url, operator.credentials, { authorization: `Bearer ${token}` }),
  });
  await call('changePasswordInConsole', {
    client: new ApiClient(
      service.service.url,
      operator.credentials,
      basicHeaders(firstKey.public_key, firstKey.secret),
    ),
    change: { current_password: 'a better one, of many words' },
  });

  const key = (await call('createApiKey')).data.api_key;
  await call('listApiKeys');
  await call('renameApiKey', { params: key });
  await call('deleteApiKey', { params: key });

  const webhook = (
    await call('createWebhook', { change: { url: receiver.url, signature: 'both', ...HEADERS } })
  ).data.webhook;
  await call('listWebhooks');
  await call('getWebhook', { params: webhook });
  await call('checkWebhook', { params: webhook });
  await call('checkWebhookUrl');
  await call('listChecks', { params: webhook });
  await call('getWebhookSecret', { params: webhook });
  await call('getWebhookPublicKeys', { params: webhook });
  await call('rotateWebhookKeys', { params: webhook });
  await call('pauseWebhook', { params: webhook });
  await call('resumeWebhook', { params: webhook });
  await call('updateWebhook', { params: webhook });
  await call('updateWebhookByPut', { params: webhook });

  const userId = service.client.credentials.userId;
  const before = receiver.received.length;
  await call('publishEvents', { client: operator, change: { user_id: userId } });
  await receiver.untilCount(before + 1);
  const { deliveries } = (await call('listDeliveries', { params: webhook })).data;
  await call('listAllDeliveries');
  await eventually('the delivery is settled', async () => {
    const { delivery } = (await call('getDelivery', { params: deliveries[0] })).data;
    return delivery.state === 'succeeded';
  });
  await call('retryDelivery', { params: deliveries[0] });
  await call('recoverDeliveries', { params: webhook });
  await call('listRecoveries', { params: webhook });
  await call('getStatistics');

  const media = (await call('createMedia')).data;
  await call('uploadPart', { params: media });
  await call('getUpload', { params: media });
  await call('setThumbnail', { params: media, file: ONE_PIXEL });
  await call('removeThumbnail', { params: media });
  await call('updateMedia', { params: media });
  await call('completeUpload', { params: media });
  await call('listMedia', { change: { status: [] } });
  await call('listMediaByQuery', { query: '?search=holiday' });
  await call('getMedia', { params: media });
  await call('getMediaStory', { params: media });
  await call('getPlayerMedia', { params: media });
  await call('getMediaCost', { query: '?qualities=720p,1080p&type=video&duration=120.5' });
  await call('deleteMedia', { params: media });
  await call('deleteWebhook', { params: webhook });

  const { inbox } = (await call('createInbox')).data;
  await call('listInboxes');
  await call('setInboxBehaviour', { params: inbox });
  await call('getInbox', { params: inbox });
  await call('deleteInbox', { params: inbox });

  await call('listAuditRecords');

  const all = operations.filter(answersJson).map(({ operation }) => operation.operationId);
  assert.deepEqual([...called].toSorted(), all.toSorted());
});

/** Files and pages have no example. */
function answersJson({ operation }: DescribedOperation): boolean {
  return Object.entries(operation.responses).some(
    ([status, { content }]) => status.startsWith('2') && content?.['application/json'],
  );
}

interface CallOptions {
  readonly client?: ApiClient;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** Fields in place of the example's. */
  readonly change?: object;
  /** A file in place of the example's. */
  readonly file?: Buffer;
}

const HEADERS = { headers: { Authorization: 'Bearer 3f9c21d8' } };

function formOf(example: object, file?: Buffer): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(example) as [string, string][]) {
    if (name === 'file')
      form.append(name, new Blob([(file ?? Buffer.from(value)) as Uint8Array<ArrayBuffer>]), 'file');
    else form.append(name, value);
  }
  return form;
}

/** Returns an answer with the URL of the examples in place of the receiver's. */
function withExampleUrl(body: unknown): unknown {
  const text = JSON.stringify(body).replaceAll(receiver.url, EXAMPLE_URL);
  return JSON.parse(text.replaceAll(/after \d+ ms/g, 'after 141 ms'));
}

const EXAMPLE_URL = 'https://example.com/hooks';

/** Texts that are new for each object: ids, times, keys, tokens and links. */
const MADE = /^(?:[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+Z|wh\w+_.*|eyJ.*|https?:.*|\d{10})$/;

/**
 * Returns the places at which an answer says something else than the example: another text, truth or nothing. Ids,
 * times, keys, numbers and lengths of lists are the answer's own.
 */
function differencesOf(actual: unknown, example: unknown, place: string): string[] {
  if (Array.isArray(actual) && Array.isArray(example))
    return actual.length > 0 && example.length > 0 ? differencesOf(actual[0], example[0], `${place}[0]`) : [];
  if (isObject(actual) && isObject(example))
    return Object.keys(example).flatMap((name) =>
      differencesOf(actual[name], example[name], `${place}.${name}`),
    );
  const isMade =
    typeof actual === 'string' && typeof example === 'string' && MADE.test(actual) && MADE.test(example);
  const isNumber = typeof actual === 'number' && typeof example === 'number';
  return actual === example || isMade || isNumber
    ? []
    : [`${place}: ${actual}, but the example has ${example}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Places at which an answer depends on more than the request, so that no example can have the same. */
const VARIES: readonly RegExp[] = [
  // Answers that show an object at another time of its life than the example.
  /^(?:list|get|pause|resume)\w+\./,
  /^\w+\.data\.api_key\.(?:public_key|secret|truncated_secret): /,
  /^\w+\.data\.(?:api_key\.)?user\.(?:email|first_name|last_name): /,
  /^setInboxBehaviour\.data\.inbox\.behaviour\./,
  // The example is of a service with settings of its own.
  /^\w+Console\.data\.(?:theme|limits|account)\./,
];

/** Two values are not compared if one of them is `null` or an empty list. */
function assertSameShape(actual: unknown, example: unknown, place: string): void {
  if (actual === null || example === null) return;
  const [got, expected] = [actual, example].map((value) => (Array.isArray(value) ? 'array' : typeof value));
  assert.equal(got, expected, place);
  if (Array.isArray(actual) && Array.isArray(example)) {
    if (actual.length > 0 && example.length > 0) assertSameShape(actual[0], example[0], `${place}[0]`);
    return;
  }
  if (typeof actual !== 'object' || typeof example !== 'object') return;
  assert.deepEqual(Object.keys(actual).toSorted(), Object.keys(example).toSorted(), place);
  for (const [name, value] of Object.entries(actual)) {
    assertSameShape(value, (example as Record<string, unknown>)[name], `${place}.${name}`);
  }
}

/** Returns the schema with only those fields that it names. */
function closed(schema: Schema): Schema {
  const { properties, items, anyOf } = schema;
  const within =
    properties && Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, closed(one)]));
  return {
    ...schema,
    ...(within && { properties: within, additionalProperties: false as unknown as Schema }),
    ...(items && { items: closed(items) }),
    ...(anyOf && { anyOf: anyOf.map(closed) }),
  };
}
