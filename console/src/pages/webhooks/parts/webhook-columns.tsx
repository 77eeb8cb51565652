import { Link } from '@tanstack/react-router';
import { Bars } from '../../../components/display/bars.tsx';
import type { Column } from '../../../components/display/table.tsx';
import { Time } from '../../../components/display/time.tsx';
import type { LastDay } from '../../../queries/statistics.ts';
import { eventsOf, type Webhook } from '../../../queries/webhooks.ts';
import { EVENT_TYPES, eventName } from '../../../texts/events.ts';
import { frameTexts } from '../../../texts/frame.ts';
import { LOCALE } from '../../../texts/time.ts';
import { webhookTexts as texts } from '../../../texts/webhooks.ts';
import { WebhookBadge } from '../webhook-state.tsx';
import styles from './webhook-columns.module.css';

const PERCENT = new Intl.NumberFormat(LOCALE, {
  style: 'percent',
  maximumFractionDigits: 1,
  roundingMode: 'floor',
});

/** Columns of the list of webhooks. @param lastDays attempts of each in the last day; `undefined`: not known yet */
export function webhookColumns(
  lastDays: ReadonlyMap<string, LastDay> | undefined,
): readonly Column<Webhook>[] {
  return [
    { key: 'webhook', title: texts.webhook, cell: (webhook) => <Named webhook={webhook} /> },
    { key: 'state', title: texts.state, cell: (webhook) => <WebhookBadge webhook={webhook} />, narrow: true },
    {
      key: 'day',
      title: texts.lastDay,
      narrow: true,
      hideBelow: 'medium',
      cell: ({ id }) => <Day day={lastDays?.get(id)} />,
    },
    { key: 'events', title: texts.events, cell: eventsText, hideBelow: 'wide', narrow: true },
    {
      key: 'last',
      title: texts.lastTriggered,
      align: 'end',
      narrow: true,
      hideBelow: 'medium',
      cell: ({ last_triggered_at: at }) => (at ? <Time at={at} /> : frameTexts.never),
    },
  ];
}

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

function Day({ day }: { readonly day: LastDay | undefined }) {
  if (!day) return null;
  const { attempts, acknowledged, bars } = day;
  if (attempts === 0) return <span className={styles.url}>{texts.noAttempts}</span>;
  return (
    <div className={styles.day}>
      <Bars bars={bars} label={texts.bars(acknowledged, attempts)} />
      <span>{texts.rate(PERCENT.format(acknowledged / attempts))}</span>
    </div>
  );
}
