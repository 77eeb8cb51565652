import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Plus, Search } from 'lucide-react';
import { useDeferredValue, useEffect, useState } from 'react';
import { Button } from '../../../components/controls/button.tsx';
import { SearchField } from '../../../components/controls/search-field.tsx';
import { EmptyState, ErrorState } from '../../../components/display/notes.tsx';
import { Page, Section } from '../../../components/display/page.tsx';
import { Pager } from '../../../components/display/pager.tsx';
import { Skeleton } from '../../../components/display/skeleton.tsx';
import { Table } from '../../../components/display/table.tsx';
import { ACCOUNT_PAGE_SIZE, accountsQuery } from '../../../queries/accounts.ts';
import { operatorTexts } from '../../../texts/operator.ts';
import { OperatorsOnly } from '../operators-only.tsx';
import { ACCOUNT_COLUMNS } from './account-columns.tsx';
import { NewAccountDialog } from './new-account-dialog.tsx';

const texts = operatorTexts.accounts;

export function AccountsPage() {
  return (
    <OperatorsOnly title={texts.title}>
      <Accounts />
    </OperatorsOnly>
  );
}

function Accounts() {
  const { search = '', page = 1 } = getRouteApi('/shell/operator/accounts').useSearch();
  const [isCreating, setIsCreating] = useState(false);
  const { data, error, refetch } = useQuery(accountsQuery({ search, page }));
  const create = (
    <Button kind="primary" icon={<Plus />} onClick={() => setIsCreating(true)}>
      {texts.create}
    </Button>
  );
  return (
    <Page title={texts.title} description={texts.description} actions={create}>
      <Section flush actions={<Filter search={search} />}>
        {data?.accounts.length === 0 ? (
          <EmptyState
            icon={<Search />}
            title={texts.nothingFoundTitle}
            hint={texts.nothingFoundHint(search)}
          />
        ) : data ? (
          <>
            <Table
              caption={texts.title}
              columns={ACCOUNT_COLUMNS}
              rows={data.accounts}
              rowKey={({ id }) => id}
            />
            <Pager
              to="/operator/accounts"
              page={page}
              size={ACCOUNT_PAGE_SIZE}
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
      <NewAccountDialog open={isCreating} onOpenChange={setIsCreating} />
    </Page>
  );
}

/** The search, which is kept in the address, so that a link leads to what one sees. */
function Filter({ search }: { readonly search: string }) {
  const [text, setText] = useState(search);
  const wanted = useDeferredValue(text.trim());
  const navigate = useNavigate();
  useEffect(() => {
    if (wanted !== search)
      void navigate({ to: '/operator/accounts', search: wanted ? { search: wanted } : {}, replace: true });
  }, [wanted, search, navigate]);
  return <SearchField label={texts.search} value={text} onChange={setText} />;
}
