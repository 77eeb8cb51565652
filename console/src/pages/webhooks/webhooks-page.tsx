import { useQuery } from '@tanstack/react-query';
import { Badge } from '../../components/display/badge.tsx';
import { EmptyState, ErrorState } from '../../components/display/notes.tsx';
import { Page, Section } from '../../components/display/page.tsx';
import { Skeleton } from '../../components/display/skeleton.tsx';
import { type Column, Table } from '../../components/display/table.tsx';
import { type Webhook, webhooksQuery } from '../../queries/webhooks.ts';
import { webhookTexts as texts } from '../../texts/webhooks.ts';

const COLUMNS: readonly Column<Webhook>[] = [
  { key: 'name', title: texts.name, cell: ({ name }) => name },
  { key: 'url', title: texts.url, cell: ({ url }) => url, hideBelow: 'medium' },
  {
    key: 'state',
    title: texts.state,
    cell: ({ paused_at }) =>
      paused_at ? <Badge tone="warn">{texts.paused}</Badge> : <Badge tone="good">{texts.sending}</Badge>,
  },
];

export function WebhooksPage() {
  const { data, error, refetch } = useQuery(webhooksQuery({ search: '', offset: 0 }));
  return (
    <Page title={texts.title} description={texts.description}>
      <Section flush>
        {error ? (
          <ErrorState error={error} onRetry={refetch} />
        ) : !data ? (
          <Skeleton />
        ) : data.total === 0 ? (
          <EmptyState title={texts.emptyTitle} hint={texts.emptyHint} />
        ) : (
          <Table caption={texts.title} columns={COLUMNS} rows={data.webhooks} rowKey={({ id }) => id} />
        )}
      </Section>
    </Page>
  );
}
