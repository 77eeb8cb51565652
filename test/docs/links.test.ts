import assert from 'node:assert/strict';
import { access, glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url).pathname;
const DOCUMENTS = ['*.md', 'docs/**/*.md', 'bench/**/*.md', 'src/**/*.md'];

/** Returns the anchors of a document's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const headings = text.matchAll(/^#+ (.+)$/gm);
  return Array.from(headings, ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('every link from one of our documents to another leads somewhere', async () => {
  for await (const document of glob(DOCUMENTS, { cwd: root })) {
    const text = await readFile(join(root, document), 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? document : join(dirname(document), path);
      const exists = await access(join(root, target)).then(
        () => true,
        () => false,
      );
      assert.ok(exists, `${document} links to ${link}`);
      if (!anchor) continue;
      const linked = await readFile(join(root, target), 'utf8');
      assert.ok(anchorsOf(linked).includes(anchor), `${document} links to ${link}`);
    }
  }
});

test('every file that a document names exists', async () => {
  const missing: string[] = [];
  for await (const document of glob(DOCUMENTS, { cwd: root })) {
    // Decisions and the changelog are records: they name the files of their day.
    if (document.startsWith('docs/decisions/') || document === 'CHANGELOG.md') continue;
    const text = await readFile(join(root, document), 'utf8');
    for (const [, path = ''] of text.matchAll(/`((?:src|test|bench|script|docs|demo)\/[\w./*-]+)`/g)) {
      const found = await Array.fromAsync(glob(path, { cwd: root }));
      if (found.length === 0) missing.push(`${document} names ${path}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('the table of contents leads to every page', async () => {
  const contents = await readFile(join(root, 'docs/README.md'), 'utf8');
  for await (const page of glob('**/*.md', { cwd: join(root, 'docs') })) {
    const isListed = page === 'README.md' || /^decisions\/\d/.test(page) || contents.includes(`](${page})`);
    assert.ok(isListed, `docs/README.md does not link to ${page}`);
  }
});

test('the index of decisions lists each with its title', async () => {
  const index = await readFile(join(root, 'docs/decisions/README.md'), 'utf8');
  for await (const file of glob('[0-9]*.md', { cwd: join(root, 'docs/decisions') })) {
    const text = await readFile(join(root, 'docs/decisions', file), 'utf8');
    const [, number, title] = /^# (\d+)\. (.+)$/m.exec(text) ?? [];
    assert.ok(index.includes(`| ${number} | [${title}](${file}) |`), `${file} is not listed with its title`);
  }
});
