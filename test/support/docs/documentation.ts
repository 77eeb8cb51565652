import { readFile } from 'node:fs/promises';

/** Returns the table rows of a document whose line matches `firstColumn`, each as a list of its cells. */
export async function tableRows(file: string, firstColumn: RegExp): Promise<string[][]> {
  return rowsIn(await read(file), firstColumn);
}

/**
 * Returns the sections (`## title`) of a document that contain rows which match `firstColumn`, with these
 * rows.
 */
export async function sectionRows(
  file: string,
  firstColumn: RegExp,
): Promise<{ title: string; rows: string[][] }[]> {
  const sections = (await read(file)).split(/^## /m).slice(1);
  return sections
    .map((section) => ({ title: section.split('\n', 1)[0] ?? '', rows: rowsIn(section, firstColumn) }))
    .filter(({ rows }) => rows.length > 0);
}

function read(file: string): Promise<string> {
  return readFile(new URL(`../../../docs/${file}`, import.meta.url), 'utf8');
}

function rowsIn(text: string, firstColumn: RegExp): string[][] {
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
