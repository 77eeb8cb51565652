import styles from './bars.module.css';

export interface Bar {
  readonly good: number;
  readonly bad: number;
}

/** Highest bar in units of the picture; the lowest one that is not empty has one. */
const HEIGHT = 22;
const STEP = 4;

/** Small plot of what succeeded and failed in each hour. @param label says the same in words */
export function Bars({ bars, label }: { readonly bars: readonly Bar[]; readonly label: string }) {
  const most = Math.max(1, ...bars.map(({ good, bad }) => good + bad));
  const heightOf = (count: number) => (count === 0 ? 0 : Math.max(1, (count / most) * HEIGHT));
  return (
    <svg
      className={styles.bars}
      viewBox={`0 0 ${bars.length * STEP} ${HEIGHT}`}
      width={bars.length * STEP}
      height={HEIGHT}
      role="img"
      aria-label={label}
      preserveAspectRatio="none"
    >
      <title>{label}</title>
      {bars.map(({ good, bad }, index) => {
        const bottom = heightOf(bad);
        const top = heightOf(good);
        const x = index * STEP;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: bars are known by their places
          <g key={index}>
            <rect className={styles.ground} x={x} y={HEIGHT - 1} width={STEP - 1} height={1} />
            <rect className={styles.good} x={x} y={HEIGHT - bottom - top} width={STEP - 1} height={top} />
            <rect className={styles.bad} x={x} y={HEIGHT - bottom} width={STEP - 1} height={bottom} />
          </g>
        );
      })}
    </svg>
  );
}
