/** Minimum number of characters of a name for each difference between the name and the one that was meant. */
const CHARACTERS_PER_DIFFERENCE = 3;
/** Maximum number of characters of a name that is compared. The names of the API are shorter. */
const MAX_COMPARED = 40;

/**
 * Returns the known name that was probably meant by `name`: the known name with the fewest differences. Upper
 * case, hyphens and underscores are no differences. `null`: no known name is similar.
 */
export function nearestName(name: string, known: Iterable<string>): string | null {
  if (name.length > MAX_COMPARED) return null;
  const plain = plainOf(name);
  let nearest: string | null = null;
  let fewest = Math.floor(plain.length / CHARACTERS_PER_DIFFERENCE) + 1;
  for (const other of known) {
    const differences = differencesOf(plain, plainOf(other));
    if (differences >= fewest) continue;
    nearest = other;
    fewest = differences;
  }
  return nearest;
}

/** Returns the end of a sentence that suggests the nearest known name. Empty: no known name is similar. */
export function suggestionFor(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === null ? '' : `; did you mean \`${nearest}\`?`;
}

function plainOf(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase();
}

/**
 * Returns how many characters must be inserted, removed, replaced, or exchanged with their neighbour to make
 * `to` of `from` (optimal string alignment distance).
 */
function differencesOf(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, n) => n);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const isSame = from[i - 1] === to[j - 1];
      const steps = [at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (isSame ? 0 : 1)];
      const isExchanged = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (isExchanged) steps.push(at(beforeLast, j - 2) + 1);
      row.push(Math.min(...steps));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
