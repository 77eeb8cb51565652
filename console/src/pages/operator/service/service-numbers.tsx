import { metricOf, type Sample } from '../../../queries/service-metrics.ts';
import { serviceTexts as texts } from '../../../texts/service.ts';
import { LOCALE, timeTexts } from '../../../texts/time.ts';
import styles from './service.module.css';

/** Number from which the service counts no further. */
const COUNTED = 10_000;
const COUNT = new Intl.NumberFormat(LOCALE);
const MEBIBYTE = 1024 * 1024;

/** The newest values of what an operator looks at first. */
export function ServiceNumbers({ sample }: { readonly sample: Sample }) {
  const of = (name: string, label?: string) => metricOf(sample, `mediahooks_${name}`, label);
  const ready = of('ready');
  const lag = of('deliveries_due_lag_seconds');
  const tiles: readonly (readonly [label: string, value: string, note?: string])[] = [
    [texts.ready, Number.isNaN(ready) ? texts.unknown : ready === 1 ? texts.isReady : texts.notReady],
    [texts.lag, lag === 0 ? texts.noLag : Number.isNaN(lag) ? texts.unknown : timeTexts.duration(lag * 1000)],
    [texts.due, counted(of('deliveries_due'))],
    [texts.inFlight, counted(of('requests_in_flight'))],
    [texts.held, counted(of('deliveries_held'))],
    [texts.paused, counted(of('deliveries_waiting', 'behind="pause"'))],
    [texts.circuit, counted(of('deliveries_waiting', 'behind="circuit"'))],
    [texts.circuits, counted(of('circuits_open'))],
    [texts.encoders, counted(of('encoders_running')), texts.encodersHint(of('encodes_waiting'))],
    [
      texts.memory,
      `${COUNT.format(Math.round(metricOf(sample, 'process_resident_memory_bytes') / MEBIBYTE))} MiB`,
    ],
  ];
  return (
    <dl className={styles.numbers}>
      {tiles.map(([label, value, note]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
          {note && <dd className={styles.note}>{note}</dd>}
        </div>
      ))}
    </dl>
  );
}

function counted(value: number): string {
  if (Number.isNaN(value)) return texts.unknown;
  return value >= COUNTED ? texts.atLeast(value) : COUNT.format(value);
}
