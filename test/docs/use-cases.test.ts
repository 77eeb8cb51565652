import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

/**
 * Routes change things only through use cases, which store a change and notify the other parts of the service: see
 * docs/decisions/0024-routes-call-use-cases.md. These tests read the imports of routes, and the members of `Services`
 * that routes take.
 */

const root = new URL('../../', import.meta.url).pathname;

const SERVICES = 'src/http/services.ts';
/** Hands all of `Services` on to the routes. */
const REGISTRATION = 'src/http/routes/routes.ts';

/** Modules behind the use cases, by the beginning of their path or name. */
const HIDDEN_MODULES = [
  'src/delivery/',
  'src/events/publisher.ts',
  'src/media/encoding/',
  'src/service/',
  'src/storage/',
  'node:child_process',
  'node:cluster',
  'node:sqlite',
  'node:worker_threads',
];

/** Members with which a route could change or notify something past a use case. */
const HIDDEN_MEMBERS =
  /^(?:storage|store|dispatcher|bulkResendRunner|runner|publisher|pipeline|sender|egress|passwords|tokens|ffmpeg\w*)$/;

/** Types of the storage contracts that have methods. */
const STORE = /^(?:Storage|Queue|HotPath|\w+Store)$/;
/** Types with which a route could change something. `RequestAuthenticator` is the part that can't revoke credentials. */
const CHANGING = /^(?:Storage|Queue|HotPath|\w+Store|Authenticator)$/;
/** Methods of stores that only read. */
const READING = /^(?:find\w*|list|exist\w*|any)$/;

/** Returns what of an import is forbidden to routes, and to `Services`, from which routes take everything else. */
function importBreaches(file: string, source: string): string[] {
  const imports = source.matchAll(
    /\b(?:import|export)\b(?<isType> type)?(?<names>[^'";]*?)'(?<from>[^']+)'|import\(\s*['"`](?<called>[^'"`]+)/g,
  );
  return Array.from(imports).flatMap(({ groups = {} }) => {
    const name = groups.from ?? groups.called ?? '';
    const module = name.startsWith('.') ? join(dirname(file), name) : name;
    if (!HIDDEN_MODULES.some((hidden) => module.startsWith(hidden))) return [];
    const types = groups.isType ? (groups.names?.match(/\w+/g) ?? []) : [];
    const isContract = module.startsWith('src/storage/contracts/') && types.length > 0;
    // `Services` may hold the part of a store that only reads: see `servicesBreaches`.
    if (isContract && (file === SERVICES || !types.some((type) => STORE.test(type)))) return [];
    return [`${file} imports ${module}`];
  });
}

function memberBreaches(file: string, source: string): string[] {
  if (file === REGISTRATION) return [];
  const taken = Array.from(source.matchAll(/Pick<\s*Services\s*,([^>]*)>/g), ([, names = '']) => names)
    .join()
    .match(/\w+/g);
  return [
    ...(/(?<!Pick<\s*)\bServices\b(?!\s*\}\s*from\b)/.test(source) ? [`${file} takes all of Services`] : []),
    ...(taken ?? []).filter((name) => HIDDEN_MEMBERS.test(name)).map((name) => `${file} takes ${name}`),
  ];
}

function servicesBreaches(source: string): string[] {
  const body = source.slice(source.indexOf('export interface Services'));
  const members = Array.from(body.matchAll(/readonly (\w+): ([^;]+);/g), ([, name = '', type = '']) => ({
    name,
    type,
  }));
  return members
    .filter(({ name, type }) => {
      const [, store, methods] = /^Pick<(\w+), ([^>]*)>$/.exec(type) ?? ['', type, ''];
      const isChanging = !methods?.match(/\w+/g)?.every((method) => READING.test(method));
      return HIDDEN_MEMBERS.test(name) || (CHANGING.test(store ?? '') && isChanging);
    })
    .map(({ name, type }) => `${SERVICES} holds ${name}: ${type}`);
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

test('no route reaches behind the use cases', () => {
  const routes = globSync('src/http/routes/**/*.ts', { cwd: root });
  assert.ok(routes.length > 10, 'looked in the wrong place');
  const found = [...routes, SERVICES].flatMap((file) => importBreaches(file, read(file)));
  assert.deepEqual(found, []);
  assert.deepEqual(
    routes.flatMap((file) => memberBreaches(file, read(file))),
    [],
  );
});

test('Services holds use cases, and of the storage only what reads', () => {
  assert.deepEqual(servicesBreaches(read(SERVICES)), []);
});

test('these tests find each kind of breach', () => {
  const route = 'src/http/routes/webhooks/a.ts';
  for (const source of [
    "import type { Dispatcher } from '../../../delivery/dispatcher.ts';",
    "import {\n  runFfmpeg,\n} from '../../../media/encoding/ffmpeg/run.ts';",
    "import type { Pipeline } from '../../../media/encoding/pipeline.ts';",
    "import { BulkResendRunner } from '../../../delivery/bulk-resend/runner.ts';",
    "import { openStorage } from '../../../storage/open-storage.ts';",
    "import type { Storage } from '../../../storage/contracts/storage.ts';",
    "import type { Page, WebhookStore } from '../../../storage/contracts/webhooks.ts';",
    "import { spawn } from 'node:child_process';",
    "const { spawn } = await import('node:child_process');",
    "export { Publisher } from '../../../events/publisher.ts';",
    "import '../../../delivery/dispatcher.ts';",
  ])
    assert.equal(importBreaches(route, source).length, 1, source);
  for (const source of [
    "export function routes(api: App, { dispatcher }: Pick<Services, 'dispatcher'>): void {",
    "export function routes(\n  api: App,\n  { webhooks, storage }: Pick<\n    Services,\n    'webhooks' | 'storage'\n  >,\n): void {",
    'export function routes(api: App, { webhooks }: Services): void {',
    "const dispatcher: Services['dispatcher'] = services.dispatcher;",
  ])
    assert.equal(memberBreaches(route, source).length, 1, source);
  for (const member of [
    'storage: Storage',
    'webhookStore: WebhookStore',
    'dispatcher: Dispatcher',
    'authenticator: Authenticator',
    "auditLog: Pick<AuditStore, 'add' | 'list'>",
  ])
    assert.equal(servicesBreaches(`export interface Services {\n  readonly ${member};\n}`).length, 1, member);
});

test('these tests let routes call use cases, and read the contracts of lists', () => {
  const route = 'src/http/routes/webhooks/a.ts';
  const source = `import type { AuditListRequest } from '../../../storage/contracts/audit.ts';
import type { Services } from '../../services.ts';

export function routes(api: App, { webhooks, now }: Pick<Services, 'webhooks' | 'now'>): void {}
`;
  assert.deepEqual([...importBreaches(route, source), ...memberBreaches(route, source)], []);
});
