import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Inbox as InboxIcon, Plus, PowerOff } from 'lucide-react';
import { Button } from '../../components/controls/button.tsx';
import { EmptyState, ErrorState } from '../../components/display/notes.tsx';
import { Page, Section } from '../../components/display/page.tsx';
import { Skeleton } from '../../components/display/skeleton.tsx';
import { type Column, Table } from '../../components/display/table.tsx';
import { Time } from '../../components/display/time.tsx';
import { useToast } from '../../components/overlays/toast.tsx';
import { createInbox, INBOXES, type Inbox, inboxesQuery } from '../../queries/inboxes.ts';
import { useSession } from '../../queries/use-session.ts';
import { inboxTexts as texts } from '../../texts/inbox.ts';
import styles from './inbox.module.css';

export function InboxesPage() {
  if (useSession().inbox) return <Inboxes />;
  return (
    <Page title={texts.title} description={texts.description}>
      <Section flush>
        <EmptyState icon={<PowerOff />} title={texts.offTitle} hint={texts.offHint} />
      </Section>
    </Page>
  );
}

function Inboxes() {
  const { data, error, refetch } = useQuery(inboxesQuery);
  const { mutate, isPending } = useCreation();
  const create = (
    <Button kind="primary" icon={<Plus />} busy={isPending} onClick={() => mutate()}>
      {texts.create}
    </Button>
  );
  const isEmpty = data?.length === 0;
  return (
    <Page title={texts.title} description={texts.description} actions={!isEmpty && create}>
      <Section flush>
        {isEmpty ? (
          <EmptyState icon={<InboxIcon />} title={texts.emptyTitle} hint={texts.emptyHint} action={create} />
        ) : data ? (
          <Table caption={texts.title} columns={COLUMNS} rows={data.toReversed()} rowKey={({ id }) => id} />
        ) : error ? (
          <ErrorState error={error} onRetry={refetch} />
        ) : (
          <Skeleton />
        )}
      </Section>
    </Page>
  );
}

const COLUMNS: readonly Column<Inbox>[] = [
  {
    key: 'url',
    title: texts.url,
    cell: ({ id, url }) => (
      <Link to="/inboxes/$id" params={{ id }} className={styles.link}>
        <span className="mono">{url}</span>
      </Link>
    ),
  },
  {
    key: 'behaviour',
    title: texts.behaviour,
    hideBelow: 'wide',
    cell: ({ behaviour }) => texts.answers.inWords(behaviour),
  },
  { key: 'received', title: texts.received, align: 'end', narrow: true, cell: ({ received }) => received },
  {
    key: 'expires',
    title: texts.expires,
    align: 'end',
    narrow: true,
    hideBelow: 'medium',
    cell: ({ expires_at: at }) => <Time at={at} />,
  },
];

/** Creates an inbox, and opens its page. */
function useCreation() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  return useMutation({
    mutationFn: createInbox,
    onSuccess: async ({ id }) => {
      await queryClient.invalidateQueries({ queryKey: INBOXES });
      await navigate({ to: '/inboxes/$id', params: { id } });
      toast({ text: texts.made });
    },
    onError: (error) => toast({ kind: 'bad', text: error.message }),
  });
}
