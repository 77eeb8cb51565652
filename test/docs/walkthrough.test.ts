import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url).pathname;

interface Walk {
  readonly title: string;
  readonly text: string;
  /** Files by the symbol that the walk's table lists. */
  readonly files: ReadonlyMap<string, string>;
}

/** Returns the walks of docs/walkthrough.md. A row of a walk's table is: symbols of one file | what they do | the file. */
async function readWalks(): Promise<Walk[]> {
  const document = await readFile(`${root}docs/walkthrough.md`, 'utf8');
  return document
    .split(/^## /m)
    .slice(1)
    .filter((section) => section.includes('| symbol |'))
    .map((section) => {
      const files = new Map<string, string>();
      for (const [, symbols = '', file = ''] of section.matchAll(
        /^\| (`.+?`) \| .* \| `(src\/\S+\.ts)` \|$/gm,
      )) {
        for (const [, symbol = ''] of symbols.matchAll(/`([^`]+)`/g)) files.set(symbol, file);
      }
      return { title: section.split('\n', 1)[0] ?? '', text: section, files };
    });
}

/** Returns whether TypeScript source declares `name`: at the top level, or as a member of a class, object or interface. */
function declares(source: string, name: string): boolean {
  const declaration = new RegExp(`\\b(?:function\\*?|class|const|let|interface|type) ${name}\\b`);
  const modifiers = '(?:(?:export|readonly|static|async|private|get|set) )*';
  const member = new RegExp(`^\\s+${modifiers}${name}(?:<[^>]*>)?[(?:=]`, 'm');
  return declaration.test(source) || member.test(source);
}

test('each symbol of the walkthrough is declared in the file that its table names', async () => {
  const walks = await readWalks();
  assert.equal(walks.length, 3);
  const missing: string[] = [];
  for (const { title, files } of walks) {
    assert.ok(files.size > 10, title);
    for (const [symbol, file] of files) {
      const text = await readFile(root + file, 'utf8').catch(() => '');
      const source = text.replaceAll(/^import [^;]*;$/gm, '');
      const isDeclared = symbol.split('.').every((name) => declares(source, name));
      if (!isDeclared) missing.push(`${title}: ${symbol} in ${file}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('each symbol in the text of a walk is in its table', async () => {
  for (const { title, text, files } of await readWalks()) {
    const prose = text
      .split('\n')
      .filter((line) => !line.startsWith('|'))
      .join('\n');
    // A symbol is written in the form of a call, or with its class: `settle()`, `Dispatcher.offer()`.
    for (const [, symbol = ''] of prose.matchAll(/`([\w#.]+)\(\)`/g)) {
      assert.ok(files.has(symbol), `${title}: \`${symbol}()\` is not in the table`);
    }
  }
});
