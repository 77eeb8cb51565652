import { readFile } from 'node:fs/promises';

/** Returns the cells of those rows of a document's tables whose line matches `firstColumn`. */
export async function tableRows(file: string, firstColumn: RegExp): Promise<string[][]> {
  return rowsIn(await read(file), firstColumn);
}

/** Returns the rows of the sections (`## title`) of a document that have some. */
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
