import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url).pathname;

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
  for await (const document of glob(['*.md', 'docs/**/*.md', 'bench/**/*.md'], { cwd: root })) {
    const text = await readFile(join(root, document), 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? document : join(dirname(document), path);
      if (!target.includes('.')) continue;
      const linked = await readFile(join(root, target), 'utf8').catch(() => null);
      assert.ok(linked !== null, `${document} links to ${link}`);
      if (anchor) assert.ok(anchorsOf(linked).includes(anchor), `${document} links to ${link}`);
    }
  }
});
