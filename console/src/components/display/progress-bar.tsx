import styles from './progress-bar.module.css';

interface Props {
  readonly value: number;
  readonly total: number;
  readonly label: string;
}

export function ProgressBar({ value, total, label }: Props) {
  return <progress className={styles.bar} value={value} max={Math.max(1, total)} aria-label={label} />;
}
