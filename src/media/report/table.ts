/** Returns the lines of a table whose columns are as wide as their longest cell. The first row is the heading. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    `  ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join('  ')}`.trimEnd(),
  );
}

/** Formats seconds with up to three decimals. */
export function secondsOf(value: number): string {
  return `${Number(value.toFixed(3))} s`;
}
