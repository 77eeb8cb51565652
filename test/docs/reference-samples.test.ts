import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { ALL_EVENTS, type ApiAnswer } from '../support/service/api-client.ts';
import { startTestService, type TestService } from '../support/service/service.ts';

const REFERENCE = new URL('../../docs/reference/', import.meta.url);

let service: TestService;
before(async () => {
  service = await startTestService();
});
after(() => service.stop());

/** Requests whose answers the pages show, in the order of the page. */
const SHOWN: Record<string, readonly (() => Promise<ApiAnswer>)[]> = {
  'errors.md': [
    () => service.client.call('POST', '/media/create', { title: 'x', qualities: [{ resolution: '1p' }] }),
    () =>
      service.client.call('POST', '/webhooks', {
        url: 'https://example.com/',
        ...ALL_EVENTS,
        maxInFlight: 5,
      }),
  ],
};

/** Returns the blocks of a page in one language. */
async function blocksOf(page: string, language: string): Promise<string[]> {
  const text = await readFile(new URL(page, REFERENCE), 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(
    ([, block = '']) => block,
  );
}

/** Asserts that an answer has all that a page shows of it. In a text, `…` stands for any text. */
function assertShown(shown: unknown, answer: unknown, path = 'answer'): void {
  if (typeof shown === 'string') {
    const [beginning = '', ...rest] = shown.split('…');
    assert.ok(
      rest.length === 0 ? answer === shown : String(answer).startsWith(beginning),
      `${path}: ${answer}`,
    );
  } else if (shown === null || typeof shown !== 'object') assert.equal(answer, shown, path);
  else {
    assert.equal(Array.isArray(answer), Array.isArray(shown), path);
    if (Array.isArray(shown)) assert.equal((answer as unknown[]).length, shown.length, path);
    for (const [key, value] of Object.entries(shown))
      assertShown(value, (answer as Record<string, unknown>)[key], `${path}.${key}`);
  }
}

const pages = (await readdir(REFERENCE)).filter((name) => name.endsWith('.md'));

for (const page of pages) {
  const blocks = await blocksOf(page, 'json');
  const requests = SHOWN[page] ?? [];
  if (blocks.length === 0 && requests.length === 0) continue;
  test(`docs/reference/${page} shows what the service answers`, async () => {
    assert.equal(blocks.length, requests.length);
    for (const [index, request] of requests.entries())
      assertShown(JSON.parse(blocks[index] ?? ''), (await request()).body);
  });
}

for (const page of pages) {
  const blocks = await blocksOf(page, 'sh');
  if (blocks.length === 0) continue;
  test(`docs/reference/${page} shows calls that the service accepts`, async () => {
    const { client, operator } = service;
    const { id } = await client.createWebhook('https://example.com/');
    const key = ({ publicKey, secretKey }: typeof client.credentials) => `${publicKey}:${secretKey}`;
    const env = {
      ...process.env,
      URL: service.service.url,
      KEY: key(client.credentials),
      OPERATOR_KEY: key(operator.credentials),
      USER_ID: client.credentials.userId,
      ID: id,
    };
    for (const block of blocks) {
      const { stdout } = await promisify(execFile)('bash', ['-euc', block], { env });
      assert.equal(JSON.parse(stdout).status, 'success', stdout);
    }
  });
}
