import { Link } from '@tanstack/react-router';
import type { Column } from '../../components/display/table.tsx';
import { Time } from '../../components/display/time.tsx';
import type { AuditRecord, AuditRequest } from '../../queries/audit.ts';
import { useSession } from '../../queries/use-session.ts';
import { auditTexts as texts } from '../../texts/audit.ts';
import styles from './audit.module.css';

const CHANGE: Column<AuditRecord> = {
  key: 'change',
  title: texts.change,
  cell: (record) => <Change record={record} />,
};
const ACCOUNT: Column<AuditRecord> = {
  key: 'account',
  title: texts.account,
  hideBelow: 'wide',
  narrow: true,
  cell: ({ user_id: id }) =>
    id && (
      <Link to="/operator/audit" search={{ account: id }} className="mono" title={id}>
        …{id.slice(-SHOWN)}
      </Link>
    ),
};
const REST: readonly Column<AuditRecord>[] = [
  { key: 'by', title: texts.by, hideBelow: 'medium', cell: (record) => <Actor record={record} /> },
  {
    key: 'address',
    title: texts.address,
    hideBelow: 'wide',
    narrow: true,
    cell: ({ address }) => address && <span className="mono">{address}</span>,
  },
  {
    key: 'time',
    title: texts.time,
    align: 'end',
    narrow: true,
    cell: ({ created_at: at }) => <Time at={at} />,
  },
];

/** Characters at the end of an id that tell accounts apart. Ids of the same day begin alike. */
const SHOWN = 8;

/** Columns of the audit log, for changes of one account and of all accounts. */
export const AUDIT_COLUMNS: Readonly<Record<AuditRequest['scope'], readonly Column<AuditRecord>[]>> = {
  account: [CHANGE, ...REST],
  all: [CHANGE, ACCOUNT, ...REST],
};

function Change({ record }: { readonly record: AuditRecord }) {
  const { account } = useSession();
  const { action, target_type: type, target_id: id, changed_fields: fields, user_id: owner } = record;
  const name = texts.actions[action] ?? action;
  // Nobody sees the webhooks of another account, not even an operator.
  const isShown = type === 'webhook' && action !== 'webhook.deleted' && owner === account.id;
  return (
    <div className={styles.change}>
      <strong>{name}</strong>
      <span className={styles.detail}>
        {isShown ? (
          <Link to="/webhooks/$id" params={{ id }} className="mono">
            {id}
          </Link>
        ) : (
          <span className="mono">{id}</span>
        )}
        {fields.length > 0 && <span>{texts.fields(fields)}</span>}
      </span>
    </div>
  );
}

function Actor({ record }: { readonly record: AuditRecord }) {
  const { account } = useSession();
  const { actor_id: id, credential, api_key: key } = record;
  const isCommand = credential === 'command_line';
  const who = id === account.id ? texts.you : isCommand ? texts.commandLine : (id ?? texts.nobody);
  return (
    <div className={styles.change}>
      <span className={id !== null && id !== account.id ? 'mono' : ''}>{who}</span>
      <span className={styles.detail}>
        {key ? texts.key(key.public_key) : (texts.credentials[credential] ?? credential)}
      </span>
    </div>
  );
}
