import { timeTexts } from '../../texts/time.ts';
import { retryTexts } from '../../texts/webhooks.ts';
import styles from './retry-timeline.module.css';

/** Attempts of a delivery that fails each time, as a line with a point for each. @param delays seconds before each retry */
export function RetryTimeline({ delays }: { readonly delays: readonly number[] }) {
  const total = delays.reduce((sum, delay) => sum + delay, 0);
  return (
    <div className={styles.frame}>
      <ol className={styles.line} aria-label={retryTexts.label}>
        <li className={styles.attempt}>
          <span className={styles.point} />
          <span className={styles.delay}>{retryTexts.first}</span>
        </li>
        {delays.map((delay, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: attempts are known by their places
          <li key={index} className={styles.attempt}>
            <span className={styles.point} />
            <span className={styles.delay}>{retryTexts.after(timeTexts.duration(delay * 1000))}</span>
          </li>
        ))}
      </ol>
      <p className={styles.summary}>
        {retryTexts.summary(delays.length + 1, timeTexts.duration(total * 1000))}
      </p>
    </div>
  );
}
