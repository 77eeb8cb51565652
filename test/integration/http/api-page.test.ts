import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Description, Operation } from '../../../src/http/openapi/description.ts';
import { fetchDescription, operationsIn } from '../../support/docs/api-description.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** Path of Chromium on Debian. */
const CHROMIUM = '/usr/bin/chromium';

let service: TestService;
let description: Description;
let page: string;
let headers: Headers;

before(async () => {
  service = await startTestService();
  description = await fetchDescription(service.service.url);
  const answer = await fetch(`${service.service.url}/api/docs`);
  assert.equal(answer.status, 200);
  headers = answer.headers;
  page = await answer.text();
});

after(() => service.stop());

test("the page is public HTML, which can't be framed or taken for another type", () => {
  assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
});

test('the page is complete: its one style is allowed by its policy, and it loads nothing else', () => {
  const styles = Array.from(page.matchAll(/<style>(.*?)<\/style>/gs), (match) => match[1] as string);
  const hashes = styles.map((style) => createHash('sha256').update(style).digest('base64'));
  assert.equal(
    headers.get('content-security-policy'),
    `default-src 'none'; style-src 'sha256-${hashes.join()}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  assert.doesNotMatch(page, /<(?:script|link|img|iframe|object|embed|form|base)\b/);
  assert.doesNotMatch(page, /<[^>]+\s(?:src|style|on\w+)=/);
  assert.doesNotMatch(styles.join(), /url\(|@import/);
});

test('each link within the page leads to a place, and each place is unique', async () => {
  const places = Array.from(page.matchAll(/\sid="([^"]*)"/g), (match) => match[1] as string);
  assert.deepEqual(places, [...new Set(places)]);
  const links = new Set(Array.from(page.matchAll(/\shref="([^"]*)"/g), (match) => match[1] as string));
  for (const link of links) {
    if (link.startsWith('#')) assert.ok(places.includes(link.slice(1)), link);
    else if (!link.startsWith('https://www.standardwebhooks.com')) {
      const answer = await fetch(new URL(link, `${service.service.url}/api/docs`));
      assert.equal(answer.status, 200, link);
      await answer.body?.cancel();
    }
  }
});

test('the page shows every operation and every event, with parameters, fields, examples and errors', () => {
  for (const { name, path, operation } of [
    ...operationsIn(description),
    ...operationsIn({ paths: description.webhooks }),
  ]) {
    const [, section = ''] = page.split(`<section class="operation" id="${operation.operationId}">`);
    const [shown = ''] = section.split('</section>');
    assert.ok(shown.includes(`<code>${path}</code>`), name);
    assert.ok(shown.includes('class="summary"'), name);
    for (const parameter of operation.parameters ?? []) {
      assert.ok(shown.includes(`<code class="name">${parameter.name}</code>`), `${name}: ${parameter.name}`);
    }
    for (const field of fieldsOf(operation)) {
      assert.ok(shown.includes(`<code class="name">${field}</code>`), `${name}: ${field}`);
    }
    for (const status of Object.keys(operation.responses)) {
      assert.ok(shown.includes(`<span class="status">${status}</span>`), `${name}: ${status}`);
    }
    assert.ok(shown.includes('<pre tabindex="0">'), name);
  }
});

test('a browser has nothing to object to', {
  skip: !existsSync(CHROMIUM) && 'no Chromium here',
}, async (t) => {
  const profile = await mkdtemp(join(tmpdir(), 'mediahooks-chromium-'));
  t.after(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const { stdout, stderr } = await promisify(execFile)(
    CHROMIUM,
    [
      ...[
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-sync',
      ],
      ...['--disable-background-networking', '--disable-component-update', `--user-data-dir=${profile}`],
      ...['--enable-logging=stderr', '--dump-dom', `${service.service.url}/api/docs`],
    ],
    { maxBuffer: 16 * 1024 * 1024, timeout: 60_000 },
  );
  assert.match(stdout, /<section class="operation" id="createWebhook">/);
  // The browser prints on its console what it blocks, for example.
  assert.doesNotMatch(stderr, /CONSOLE/);
});

function fieldsOf({ requestBody }: Operation): string[] {
  const [body] = Object.values(requestBody?.content ?? {});
  return Object.keys(body?.schema?.properties ?? {});
}
