import { useState } from 'react';
import { Section } from '../../../components/display/page.tsx';
import { Plot, type PlotSeries } from '../../../components/display/plot.tsx';
import { Table } from '../../../components/display/table.tsx';
import { Time } from '../../../components/display/time.tsx';
import { serviceTexts as texts } from '../../../texts/service.ts';
import { LOCALE } from '../../../texts/time.ts';
import styles from './service.module.css';

const NUMBER = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
/** Maximum number of rows of the table, the newest ones. */
const MOST_ROWS = 24;

interface Props {
  readonly title: string;
  readonly description: string;
  readonly times: readonly number[];
  readonly series: readonly PlotSeries[];
}

/** Plot with a legend, and with the same numbers as a table for those who want to read them. */
export function TimePlot({ title, description, times, series }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  if (times.length < 2) {
    return (
      <Section title={title} description={description}>
        <p className={styles.note}>{texts.collecting}</p>
      </Section>
    );
  }
  const legend = (
    <ul className={styles.legend}>
      {series.map(({ label, colour, values }) => (
        <li key={label}>
          <span className={styles.key} style={{ background: `var(${colour})` }} />
          {label} <span className="numeric">{shown(values.at(-1))}</span>
        </li>
      ))}
    </ul>
  );
  return (
    <Section title={title} description={description} actions={legend}>
      <Plot label={title} times={times} series={series} />
      <details onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
        <summary className={styles.summary}>{texts.asTable}</summary>
        {isOpen && <Numbers title={title} times={times} series={series} />}
      </details>
    </Section>
  );
}

function Numbers({ title, times, series }: Omit<Props, 'description'>) {
  const rows = times
    .map((time, index) => ({ time, index }))
    .toReversed()
    .slice(0, MOST_ROWS);
  return (
    <Table
      caption={title}
      rows={rows}
      rowKey={({ time }) => `${time}`}
      columns={[
        {
          key: 'time',
          title: texts.time,
          cell: ({ time }) => <Time at={new Date(time * 1000).toISOString()} show="clock" />,
        },
        ...series.map(({ label, values }) => ({
          key: label,
          title: label,
          align: 'end' as const,
          cell: ({ index }: { readonly index: number }) => shown(values[index]),
        })),
      ]}
    />
  );
}

function shown(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : NUMBER.format(value);
}
