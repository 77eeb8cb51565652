import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Comment of esbuild before each part of a bundle: the path of the part's source. */
const SOURCE = /^\s*\/\/ ((?:src|node_modules)\/\S+)$/;

/** Finds the sources of code that runs from a bundle. */
export class BundleSources {
  /** Sources by line, for each file of a bundle. */
  readonly #files = new Map<string, readonly string[]>();

  /**
   * Returns the URL of the source at a line of a file; `url` itself if the file belongs to no bundle.
   * @param line number of the line, from 0
   */
  of(url: string, line: number): string {
    if (!url.includes('/node_modules/.cache/program/')) return url;
    const source = this.#files.getOrInsertComputed(url, sourcesByLine)[line] ?? '';
    return source === '' ? url : `/${source}`;
  }
}

function sourcesByLine(url: string): string[] {
  let source = '';
  return readFileSync(fileURLToPath(url), 'utf8')
    .split('\n')
    .map((text) => {
      source = SOURCE.exec(text)?.[1] ?? source;
      return source;
    });
}
