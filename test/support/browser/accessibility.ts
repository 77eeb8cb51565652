import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { BrowserPage } from './page.ts';

/** Rules of WCAG 2.2 AA and those before it, and the best practices that axe knows. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Waits for the next picture, and for the end of the transitions that it has begun: even those without motion take a moment. */
const UNTIL_STILL = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() =>
  Promise.all(
    document
      .getAnimations()
      .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
      .map(({ finished }) => finished.catch(() => undefined)),
  ).then(() => undefined))`;

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Fails if axe finds anything on a page. */
export async function assertAccessible(page: BrowserPage, title: string): Promise<void> {
  const axe = new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url);
  // Nothing is in the middle of a change of colours when contrasts are measured.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(UNTIL_STILL);
  await page.evaluate(`${await readFile(axe, 'utf8')}; undefined`);
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)}, resultTypes: ['violations'] }).then((found) => found.violations)`,
  );
  const lines = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}\n    ${failureSummary}`),
  );
  assert.equal(lines.join('\n'), '', title);
}

/** Fails if a page is wider than its window, so that people would have to scroll sideways. */
export async function assertFits(page: BrowserPage, title: string): Promise<void> {
  const [content, width] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  assert.ok(content <= width, `${title}: ${content} pixels in a window of ${width}`);
}
