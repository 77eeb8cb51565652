import { frameTexts } from '../../texts/frame.ts';
import styles from './skeleton.module.css';

/** Stands where lines of a list will be. Screen readers hear that they are being loaded. */
export function Skeleton({ lines = 4 }: { readonly lines?: number }) {
  return (
    <div className={styles.skeleton} role="status">
      <span className="visually-hidden">{frameTexts.loading}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike
        <span key={line} className={styles.line} />
      ))}
    </div>
  );
}
