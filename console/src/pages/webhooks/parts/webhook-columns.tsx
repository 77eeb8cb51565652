import { Link } from '@tanstack/react-router';
import type { Column } from '../../../components/display/table.tsx';
import { Time } from '../../../components/display/time.tsx';
import { eventsOf, type Webhook } from '../../../queries/webhooks.ts';
import { commonTexts } from '../../../texts/common.ts';
import { EVENT_TYPES, eventName } from '../../../texts/events.ts';
import { webhookTexts as texts } from '../../../texts/webhooks.ts';
import { WebhookBadge } from '../webhook-state.tsx';
import styles from './webhook-columns.module.css';

/** Columns of the list of webhooks. */
export const WEBHOOK_COLUMNS: readonly Column<Webhook>[] = [
  { key: 'webhook', title: texts.webhook, cell: (webhook) => <Named webhook={webhook} /> },
  { key: 'state', title: texts.state, cell: (webhook) => <WebhookBadge webhook={webhook} />, narrow: true },
  { key: 'events', title: texts.events, cell: eventsText, hideBelow: 'wide', narrow: true },
  {
    key: 'last',
    title: texts.lastTriggered,
    align: 'end',
    narrow: true,
    hideBelow: 'medium',
    cell: ({ last_triggered_at: at }) => (at ? <Time at={at} /> : commonTexts.never),
  },
];

function Named({ webhook: { id, name, url } }: { readonly webhook: Webhook }) {
  return (
    <div className={styles.named}>
      <Link to="/webhooks/$id" params={{ id }} className={styles.name}>
        {name}
      </Link>
      <span className={styles.url} title={url}>
        {url}
      </span>
    </div>
  );
}

function eventsText(webhook: Webhook) {
  const events = eventsOf(webhook);
  const text = events.length === EVENT_TYPES.length ? texts.allEvents : texts.eventCount(events.length);
  return <span title={events.map(eventName).join(', ')}>{text}</span>;
}
