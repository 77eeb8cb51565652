import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet } from '@tanstack/react-router';
import { PackageOpen, SearchX } from 'lucide-react';
import { useMemo, useState } from 'react';
import { buttonClass } from '../../components/controls/button.tsx';
import { EmptyState, ErrorState } from '../../components/display/notes.tsx';
import { Page, Section } from '../../components/display/page.tsx';
import { Skeleton } from '../../components/display/skeleton.tsx';
import { deliveriesQuery } from '../../queries/deliveries.ts';
import { useLiveDeliveries } from '../../queries/live-deliveries.ts';
import { deliveryTexts as texts } from '../../texts/deliveries.ts';
import { DeliveryList } from './list/delivery-list.tsx';
import { DeliveryFilterBar } from './list/filter-bar.tsx';
import { LiveSign, NewOnes } from './list/live-sign.tsx';
import { BulkResend } from './resend/bulk-resend.tsx';
import { SelectionBar } from './resend/selection-bar.tsx';

export function DeliveriesPage() {
  const filters = getRouteApi('/shell/deliveries').useSearch();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const query = useInfiniteQuery(deliveriesQuery(filters));
  const live = useLiveDeliveries(filters);
  const { data, error, refetch, hasNextPage } = query;
  const deliveries = useMemo(() => data?.pages.flatMap((page) => page.deliveries) ?? [], [data]);
  const isFiltered = Object.keys(filters).length > 0;
  const isEmpty = data !== undefined && deliveries.length === 0 && !hasNextPage;
  return (
    <>
      <Page
        title={texts.title}
        heading={
          <>
            {texts.title}
            <LiveSign isOpen={live.isOpen} />
          </>
        }
        description={texts.description}
        actions={<BulkResend webhookId={filters.webhook} />}
      >
        <Section flush actions={<DeliveryFilterBar filters={filters} />}>
          <NewOnes feed={live} />
          {isEmpty ? (
            <Nothing isFiltered={isFiltered} />
          ) : data ? (
            <DeliveryList deliveries={deliveries} query={query} selected={selected} onSelect={setSelected} />
          ) : error ? (
            <ErrorState error={error} onRetry={refetch} />
          ) : (
            <Skeleton lines={8} />
          )}
        </Section>
        <SelectionBar selected={selected} shown={deliveries} onSelect={setSelected} />
      </Page>
      <Outlet />
    </>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    const clear = (
      <Link to="/deliveries" search={{}} className={buttonClass()}>
        {texts.filters.clear}
      </Link>
    );
    return (
      <EmptyState icon={<SearchX />} title={texts.noMatchTitle} hint={texts.noMatchHint} action={clear} />
    );
  }
  const toWebhooks = (
    <Link to="/webhooks" className={buttonClass()}>
      {texts.toWebhooks}
    </Link>
  );
  return (
    <EmptyState icon={<PackageOpen />} title={texts.emptyTitle} hint={texts.emptyHint} action={toWebhooks} />
  );
}
