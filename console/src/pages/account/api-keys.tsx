import { useQuery } from '@tanstack/react-query';
import { Ellipsis, KeyRound, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../components/controls/button.tsx';
import { CopyButton } from '../../components/controls/copy-button.tsx';
import { Badge } from '../../components/display/badge.tsx';
import { EmptyState, ErrorState } from '../../components/display/notes.tsx';
import { Section } from '../../components/display/page.tsx';
import { Pager } from '../../components/display/pager.tsx';
import { Skeleton } from '../../components/display/skeleton.tsx';
import { type Column, Table } from '../../components/display/table.tsx';
import { Time } from '../../components/display/time.tsx';
import { Menu, MenuItem } from '../../components/overlays/menu.tsx';
import { type ApiKey, apiKeysQuery, KEY_PAGE_SIZE } from '../../queries/api-keys.ts';
import { accountTexts } from '../../texts/account.ts';
import { frameTexts } from '../../texts/frame.ts';
import styles from './account.module.css';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { DeleteKeyDialog, RenameKeyDialog } from './key-dialogs.tsx';

const texts = accountTexts.keys;

/** Keys with which programs call the API. @param page number of the page, from 1 */
export function ApiKeys({ page }: { readonly page: number }) {
  const [isCreating, setIsCreating] = useState(false);
  const { data, error, refetch } = useQuery(apiKeysQuery(page));
  const create = (
    <Button kind="primary" icon={<Plus />} onClick={() => setIsCreating(true)}>
      {texts.create}
    </Button>
  );
  const isEmpty = data?.total === 0;
  return (
    <Section flush title={texts.title} description={texts.description} actions={!isEmpty && create}>
      {isEmpty ? (
        <EmptyState icon={<KeyRound />} title={texts.emptyTitle} hint={texts.emptyHint} action={create} />
      ) : data ? (
        <>
          <Table caption={texts.title} columns={COLUMNS} rows={data.api_keys} rowKey={({ id }) => id} />
          <Pager to="/account" page={page} size={KEY_PAGE_SIZE} total={data.total} search={{}} />
        </>
      ) : error ? (
        <ErrorState error={error} onRetry={refetch} />
      ) : (
        <Skeleton />
      )}
      <CreateKeyDialog open={isCreating} onOpenChange={setIsCreating} />
    </Section>
  );
}

const COLUMNS: readonly Column<ApiKey>[] = [
  { key: 'key', title: texts.name, cell: (key) => <Named apiKey={key} /> },
  {
    key: 'type',
    title: texts.type,
    narrow: true,
    hideBelow: 'medium',
    cell: ({ type }) => texts.types[type],
  },
  { key: 'used', title: texts.lastUsed, narrow: true, hideBelow: 'medium', cell: lastUse },
  { key: 'expires', title: texts.expires, narrow: true, cell: expiry },
  {
    key: 'actions',
    title: frameTexts.actions,
    hideTitle: true,
    align: 'end',
    narrow: true,
    cell: (key) => <KeyActions apiKey={key} />,
  },
];

function Named({ apiKey: { name, public_key: publicKey } }: { readonly apiKey: ApiKey }) {
  return (
    <div className={styles.keyName}>
      <strong>{name}</strong>
      <span className={styles.publicKey}>
        <span className="mono">{publicKey}</span>
        <CopyButton text={publicKey} label={texts.copyPublicKey} />
      </span>
    </div>
  );
}

function lastUse({ last_requested_at: at }: ApiKey) {
  return at ? <Time at={at} /> : frameTexts.never;
}

function expiry({ status, expired_at: at }: ApiKey) {
  if (status === 'expired') return <Badge tone="warn">{texts.expired}</Badge>;
  return at ? <Time at={at} /> : frameTexts.never;
}

function KeyActions({ apiKey }: { readonly apiKey: ApiKey }) {
  const [asks, setAsks] = useState<'rename' | 'remove' | null>(null);
  const close = () => setAsks(null);
  const trigger = <IconButton size="small" icon={<Ellipsis />} label={texts.actions(apiKey.name)} />;
  return (
    <>
      <Menu trigger={trigger}>
        <MenuItem icon={<Pencil />} onSelect={() => setAsks('rename')}>
          {texts.rename}
        </MenuItem>
        <MenuItem danger icon={<Trash2 />} onSelect={() => setAsks('remove')}>
          {texts.remove}
        </MenuItem>
      </Menu>
      <RenameKeyDialog apiKey={apiKey} open={asks === 'rename'} onClose={close} />
      <DeleteKeyDialog apiKey={apiKey} open={asks === 'remove'} onClose={close} />
    </>
  );
}
