import { ArrowUp } from 'lucide-react';
import { Button } from '../../../components/controls/button.tsx';
import type { LiveFeed } from '../../../queries/live-deliveries.ts';
import { deliveryTexts as texts } from '../../../texts/deliveries.ts';
import styles from './live-sign.module.css';

/** Says whether the list keeps itself up to date. */
export function LiveSign({ isOpen }: { readonly isOpen: boolean }) {
  return (
    <span className={`${styles.sign} ${isOpen ? styles.open : ''}`} title={texts.liveHint} role="status">
      <span className={styles.dot} />
      {isOpen ? texts.live : texts.notLive}
    </span>
  );
}

/** Button that shows new deliveries, which wait as long as someone reads further down. */
export function NewOnes({ feed: { waiting, showWaiting } }: { readonly feed: LiveFeed }) {
  if (waiting === 0) return null;
  return (
    <div className={styles.new}>
      <Button kind="primary" size="small" icon={<ArrowUp />} onClick={showWaiting}>
        {texts.newOnes(waiting)}
      </Button>
    </div>
  );
}
