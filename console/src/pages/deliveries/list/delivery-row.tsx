// biome-ignore-all lint/a11y/useSemanticElements: a table element can't hold rows that are placed one by one
// biome-ignore-all lint/a11y/useFocusableInteractive: rows of a table are no controls
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { Time } from '../../../components/display/time.tsx';
import type { Delivery } from '../../../queries/deliveries.ts';
import { webhookQuery } from '../../../queries/webhooks.ts';
import { deliveryTexts as texts } from '../../../texts/deliveries.ts';
import { eventName } from '../../../texts/events.ts';
import { DeliveryBadge } from '../delivery-badge.tsx';
import { explainAttempt } from '../explain.ts';
import styles from './delivery-list.module.css';

/** Milliseconds for which the name of a webhook is shown without asking again. */
const NAME_FRESH_MS = 60_000;

interface Props {
  readonly delivery: Delivery;
  readonly index: number;
  /** Pixels from the top of the list. */
  readonly offset: number;
  readonly isSelected: boolean;
  readonly onToggle: (id: string) => void;
}

export const DeliveryRow = memo(function DeliveryRow({
  delivery,
  index,
  offset,
  isSelected,
  onToggle,
}: Props) {
  const { id, event, media_id, webhook_id, attempt_count, created_at } = delivery;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={`${styles.row} ${styles.placed} ${isSelected ? styles.selected : ''}`}
      style={{ transform: `translateY(${offset}px)` }}
    >
      <span role="cell" className={styles.check}>
        <input
          type="checkbox"
          aria-label={texts.selectOne(eventName(event), id)}
          checked={isSelected}
          onChange={() => onToggle(id)}
        />
      </span>
      <span role="cell" className={styles.state}>
        <DeliveryBadge delivery={delivery} />
      </span>
      <span role="cell" className={styles.event}>
        <Link to="/deliveries/$id" params={{ id }} search={true} className={styles.link}>
          {eventName(event)}
        </Link>
        <span className={styles.faint} title={media_id}>
          {media_id}
        </span>
      </span>
      <span role="cell" className={styles.webhook}>
        <WebhookName id={webhook_id} />
      </span>
      <span role="cell" className={styles.answer}>
        <Answer delivery={delivery} />
      </span>
      <span role="cell" className={`${styles.attempts} numeric`}>
        {attempt_count}
      </span>
      <span role="cell" className={styles.created}>
        <Time at={created_at} />
      </span>
    </div>
  );
});

/** Name of a webhook; its id if it was deleted. */
export function WebhookName({ id }: { readonly id: string }) {
  const { data, error } = useQuery({
    ...webhookQuery(id),
    staleTime: NAME_FRESH_MS,
    refetchInterval: false,
    retry: false,
  });
  return data?.name ?? (error ? texts.removedWebhook : '');
}

function Answer({ delivery: { last_status, last_error, attempt_count } }: { readonly delivery: Delivery }) {
  if (last_error) {
    return (
      <>
        <span className="numeric">{last_status ?? texts.noAnswer}</span>
        <span className={styles.faint}>{explainAttempt(last_status, last_error).title}</span>
      </>
    );
  }
  return <span className="numeric">{last_status ?? (attempt_count === 0 ? texts.notTried : '')}</span>;
}
