import type { ReactNode } from 'react';
import styles from './table.module.css';

export interface Column<T> {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: T) => ReactNode;
  readonly align?: 'start' | 'end';
  /** Width at which the column is left out, because the others need the place. */
  readonly hideBelow?: 'medium' | 'wide';
  /** Whether the title is for screen readers only. */
  readonly hideTitle?: boolean;
  /** Whether the column takes only as much width as it needs. */
  readonly narrow?: boolean;
}

interface Props<T> {
  /** Name of the table for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
}

/** Table of a bounded number of rows. A list that can be long is virtualised instead. */
export function Table<T>({ caption, columns, rows, rowKey }: Props<T>) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={classOf(column)}>
                {column.hideTitle ? <span className="visually-hidden">{column.title}</span> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.key} className={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classOf<T>({ align, hideBelow, narrow }: Column<T>): string {
  return [align === 'end' && styles.end, hideBelow && styles[hideBelow], narrow && styles.narrow]
    .filter(Boolean)
    .join(' ');
}
