import { Link } from '@tanstack/react-router';
import { Time } from '../../../components/display/time.tsx';
import type { StoryAttempt, StoryDelivery } from '../../../queries/story.ts';
import { storyTexts as texts } from '../../../texts/story.ts';
import { timeTexts } from '../../../texts/time.ts';
import { DeliveryBadge } from '../../deliveries/delivery-badge.tsx';
import { explainAttempt } from '../../deliveries/explain.ts';
import { WebhookName } from '../../deliveries/list/delivery-row.tsx';
import type { ToldDelivery } from './arrange-story.ts';
import styles from './story.module.css';

/** Delivery of an event to one webhook, with its attempts in their order. */
export function DeliveryLine({ told: { delivery, attempts } }: { readonly told: ToldDelivery }) {
  const missing = delivery.attempt_count - attempts.length;
  return (
    <li className={styles.delivery}>
      <div className={styles.receiver}>
        <Link to="/deliveries/$id" params={{ id: delivery.id }} search={{ media: delivery.media_id }}>
          <WebhookName id={delivery.webhook_id} />
        </Link>
        <DeliveryBadge delivery={delivery} />
      </div>
      {missing > 0 && <p className={styles.hint}>{texts.earlierAttempts(missing)}</p>}
      <ol className={styles.attempts}>
        {attempts.map((attempt) => (
          <AttemptLine key={attempt.number} attempt={attempt} />
        ))}
        <NextAttempt delivery={delivery} />
      </ol>
    </li>
  );
}

function AttemptLine({
  attempt: { number, at, status, error, duration_ms },
}: {
  readonly attempt: StoryAttempt;
}) {
  return (
    <li data-outcome={error === null ? 'good' : 'bad'}>
      <span className={styles.number}>{texts.attempt(number)}</span>
      <span className={`${styles.status} numeric`}>{status ?? texts.noAnswer}</span>
      {error !== null && <span className={styles.reason}>{explainAttempt(status, error).title}</span>}
      <span className={`${styles.took} numeric`}>{timeTexts.duration(duration_ms)}</span>
      <Time at={at} show="clock" />
    </li>
  );
}

function NextAttempt({ delivery: { state, next_attempt_at: next } }: { readonly delivery: StoryDelivery }) {
  if (state !== 'pending' || next === null || Date.parse(next) < Date.now()) return null;
  return (
    <li>
      <span className={styles.number}>{texts.next}</span>
      <Time at={next} />
    </li>
  );
}
