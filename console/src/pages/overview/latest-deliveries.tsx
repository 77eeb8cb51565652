import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { buttonClass } from '../../components/controls/button.tsx';
import { ErrorState } from '../../components/display/notes.tsx';
import { Section } from '../../components/display/page.tsx';
import { Skeleton } from '../../components/display/skeleton.tsx';
import { type Column, Table } from '../../components/display/table.tsx';
import { Time } from '../../components/display/time.tsx';
import type { Delivery } from '../../queries/deliveries.ts';
import { latestDeliveriesQuery } from '../../queries/overview.ts';
import { eventName } from '../../texts/events.ts';
import { overviewTexts as texts } from '../../texts/overview.ts';
import { DeliveryBadge } from '../deliveries/delivery-badge.tsx';
import { WebhookName } from '../deliveries/list/delivery-row.tsx';
import styles from './overview.module.css';

const COLUMNS: readonly Column<Delivery>[] = [
  {
    key: 'event',
    title: texts.columns.event,
    cell: ({ id, event }) => (
      <Link to="/deliveries/$id" params={{ id }} className={styles.event}>
        {eventName(event)}
      </Link>
    ),
  },
  {
    key: 'webhook',
    title: texts.columns.webhook,
    hideBelow: 'medium',
    cell: ({ webhook_id: id }) => (
      <span className={styles.name}>
        <WebhookName id={id} />
      </span>
    ),
  },
  {
    key: 'state',
    title: texts.columns.state,
    narrow: true,
    cell: (delivery) => <DeliveryBadge delivery={delivery} />,
  },
  {
    key: 'created',
    title: texts.columns.created,
    narrow: true,
    align: 'end',
    cell: ({ created_at: at }) => <Time at={at} />,
  },
];

/** The newest deliveries of all webhooks. */
export function LatestDeliveries() {
  const { data, error, refetch } = useQuery(latestDeliveriesQuery);
  const all = (
    <Link to="/deliveries" className={buttonClass('plain', 'small')}>
      {texts.allDeliveries}
    </Link>
  );
  return (
    <Section flush title={texts.latest} actions={all}>
      {data?.length === 0 ? (
        <p className={styles.nothing}>{texts.noneYet}</p>
      ) : data ? (
        <Table caption={texts.latest} columns={COLUMNS} rows={data} rowKey={({ id }) => id} />
      ) : error ? (
        <ErrorState error={error} onRetry={refetch} />
      ) : (
        <Skeleton />
      )}
    </Section>
  );
}
