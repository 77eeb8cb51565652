import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Plus, Search, Webhook as WebhookIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { buttonClass } from '../../components/controls/button.tsx';
import { SearchField } from '../../components/controls/search-field.tsx';
import { EmptyState, ErrorState } from '../../components/display/notes.tsx';
import { Page, Section } from '../../components/display/page.tsx';
import { Pager } from '../../components/display/pager.tsx';
import { Skeleton } from '../../components/display/skeleton.tsx';
import { Table } from '../../components/display/table.tsx';
import { lastDayQuery } from '../../queries/statistics.ts';
import { PAGE_SIZE, type Webhook, webhooksQuery } from '../../queries/webhooks.ts';
import { webhookTexts as texts } from '../../texts/webhooks.ts';
import { webhookColumns } from './parts/webhook-columns.tsx';

export function WebhooksPage() {
  const { search = '', page = 1 } = getRouteApi('/shell/webhooks').useSearch();
  const offset = (page - 1) * PAGE_SIZE;
  const query = useQuery(webhooksQuery({ search, offset }));
  const create = (
    <Link to="/webhooks/new" className={buttonClass('primary')}>
      <Plus />
      {texts.create}
    </Link>
  );
  const { data, error, refetch } = query;
  if (data?.total === 0 && search === '') {
    return (
      <Page title={texts.title} description={texts.description}>
        <Section flush>
          <EmptyState
            icon={<WebhookIcon />}
            title={texts.emptyTitle}
            hint={texts.emptyHint}
            action={create}
          />
        </Section>
      </Page>
    );
  }
  return (
    <Page title={texts.title} description={texts.description} actions={create}>
      <Section flush actions={<Filter search={search} />}>
        {data ? (
          <>
            <Found search={search} offset={offset} webhooks={data.webhooks} />
            <Pager
              to="/webhooks"
              page={page}
              size={PAGE_SIZE}
              total={data.total}
              search={search ? { search } : {}}
            />
          </>
        ) : error ? (
          <ErrorState error={error} onRetry={refetch} />
        ) : (
          <Skeleton lines={6} />
        )}
      </Section>
    </Page>
  );
}

interface FoundProps {
  readonly search: string;
  readonly offset: number;
  readonly webhooks: readonly Webhook[];
}

function Found({ search, offset, webhooks }: FoundProps) {
  const { data: lastDays } = useQuery(lastDayQuery({ search, offset }));
  if (webhooks.length === 0)
    return (
      <EmptyState icon={<Search />} title={texts.nothingFoundTitle} hint={texts.nothingFoundHint(search)} />
    );
  return (
    <Table caption={texts.title} columns={webhookColumns(lastDays)} rows={webhooks} rowKey={({ id }) => id} />
  );
}

/** The search, which is kept in the address, so that a link leads to what one sees. */
function Filter({ search }: { readonly search: string }) {
  const [text, setText] = useState(search);
  const navigate = useNavigate();
  // A link may have changed the search. Someone who types is not interrupted: the address follows a moment later.
  useEffect(() => {
    if (document.activeElement?.getAttribute('type') !== 'search') setText(search);
  }, [search]);
  const change = (typed: string) => {
    setText(typed);
    const wanted = typed.trim();
    void navigate({ to: '/webhooks', search: wanted ? { search: wanted } : {}, replace: true });
  };
  return <SearchField label={texts.search} value={text} onChange={change} />;
}
