import { readFile } from 'node:fs/promises';

/** Returns the cells of those rows of a document's tables whose line matches `firstColumn`. */
export async function tableRows(file: string, firstColumn: RegExp): Promise<string[][]> {
  const text = await readFile(new URL(`../../../docs/${file}`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => firstColumn.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
