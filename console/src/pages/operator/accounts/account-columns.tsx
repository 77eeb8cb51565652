import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Ellipsis, Link2, ScrollText, UserCheck, UserX } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../../../components/controls/button.tsx';
import { CopyButton } from '../../../components/controls/copy-button.tsx';
import { Badge } from '../../../components/display/badge.tsx';
import type { Column } from '../../../components/display/table.tsx';
import { Time } from '../../../components/display/time.tsx';
import { ConfirmDialog } from '../../../components/overlays/confirm-dialog.tsx';
import { Menu, MenuItem, MenuSeparator } from '../../../components/overlays/menu.tsx';
import { useToast } from '../../../components/overlays/toast.tsx';
import { ACCOUNTS, type Account, setDisabled } from '../../../queries/accounts.ts';
import { useSession } from '../../../queries/use-session.ts';
import { frameTexts } from '../../../texts/frame.ts';
import { operatorTexts } from '../../../texts/operator.ts';
import styles from './accounts.module.css';
import { ConsoleLinkDialog } from './console-link-dialog.tsx';

const texts = operatorTexts.accounts;

export const ACCOUNT_COLUMNS: readonly Column<Account>[] = [
  { key: 'account', title: texts.account, cell: (account) => <Named account={account} /> },
  { key: 'state', title: texts.state, narrow: true, cell: (account) => <State account={account} /> },
  {
    key: 'password',
    title: texts.password,
    narrow: true,
    hideBelow: 'wide',
    cell: ({ has_password: has }) => texts.passwords[`${has}`],
  },
  {
    key: 'since',
    title: texts.since,
    narrow: true,
    hideBelow: 'medium',
    cell: ({ created_at: at }) => <Time at={at} />,
  },
  {
    key: 'actions',
    title: frameTexts.actions,
    hideTitle: true,
    align: 'end',
    narrow: true,
    cell: (account) => <Actions account={account} />,
  },
];

function Named({ account }: { readonly account: Account }) {
  const { id, email, first_name: first, last_name: last } = account;
  const name = [first, last].filter(Boolean).join(' ');
  return (
    <div className={styles.named}>
      <strong>{email}</strong>
      {name && (
        <span className={styles.person} title={name}>
          {name}
        </span>
      )}
      <span className={styles.id}>
        <span className="mono">{id}</span>
        <CopyButton text={id} label={texts.copyId} />
      </span>
    </div>
  );
}

function State({ account: { is_disabled, is_operator } }: { readonly account: Account }) {
  if (is_disabled) return <Badge tone="warn">{texts.states.disabled}</Badge>;
  if (is_operator) return <Badge tone="accent">{texts.states.operator}</Badge>;
  return <Badge tone="good">{texts.states.active}</Badge>;
}

function Actions({ account }: { readonly account: Account }) {
  const [asks, setAsks] = useState<'link' | 'disable' | null>(null);
  const { account: own } = useSession();
  const { mutate, isPending, error } = useDisabling(account, () => setAsks(null));
  const { id, email, is_disabled: isDisabled } = account;
  const close = () => setAsks(null);
  return (
    <>
      <Menu trigger={<IconButton size="small" icon={<Ellipsis />} label={texts.actions(email)} />}>
        <MenuItem icon={<Link2 />} disabled={isDisabled} onSelect={() => setAsks('link')}>
          {texts.link}
        </MenuItem>
        <MenuItem asChild>
          <Link to="/operator/audit" search={{ account: id }}>
            <ScrollText />
            {texts.activity}
          </Link>
        </MenuItem>
        {/* The service does not let an account disable itself. */}
        {id !== own.id && <MenuSeparator />}
        {id !== own.id && !isDisabled && (
          <MenuItem danger icon={<UserX />} onSelect={() => setAsks('disable')}>
            {texts.disable}
          </MenuItem>
        )}
        {isDisabled && (
          <MenuItem icon={<UserCheck />} onSelect={() => mutate()}>
            {texts.enable}
          </MenuItem>
        )}
      </Menu>
      <ConsoleLinkDialog account={account} open={asks === 'link'} onClose={close} />
      <ConfirmDialog
        open={asks === 'disable'}
        onOpenChange={close}
        title={texts.disableTitle(email)}
        description={texts.disableText}
        action={texts.disableAction}
        busy={isPending}
        error={error}
        onConfirm={() => mutate()}
      />
    </>
  );
}

/** Disables an account, or enables it if it is disabled. */
function useDisabling({ id, email, is_disabled: isDisabled }: Account, onDone: () => void) {
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: () => setDisabled(id, !isDisabled),
    onSuccess: async () => {
      onDone();
      await queryClient.invalidateQueries({ queryKey: ACCOUNTS });
      toast({ text: isDisabled ? texts.enabled(email) : texts.disabled(email) });
    },
    onError: (error) => toast({ kind: 'bad', text: error.message }),
  });
}
