import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Counted, failedQuery, waitingQuery } from '../../queries/overview.ts';
import type { Webhook } from '../../queries/webhooks.ts';
import { overviewTexts as texts } from '../../texts/overview.ts';
import { stateOf } from '../webhooks/webhook-state.tsx';
import styles from './overview.module.css';

interface Props {
  readonly webhooks: readonly Webhook[];
  /** Number of all webhooks, of which `webhooks` are the newest ones. */
  readonly total: number;
}

/** A few numbers, each of which leads to what it counts. */
export function Numbers({ webhooks, total }: Props) {
  const waiting = useQuery(waitingQuery).data;
  const failed = useQuery(failedQuery).data;
  const states = webhooks.map(stateOf);
  const troubled = states.filter((state) => state === 'failing' || state === 'silent').length;
  const paused = states.filter((state) => state === 'paused').length;
  const note = webhooks.length < total ? texts.ofNewest(webhooks.length) : undefined;
  return (
    <ul className={styles.numbers} aria-label={texts.numbers}>
      <Tile label={texts.webhooks} value={total} to="/webhooks" />
      <Tile label={texts.failing} value={troubled} note={note} isBad={troubled > 0} to="/webhooks" />
      <Tile label={texts.paused} value={paused} note={note} to="/webhooks" />
      <Tile label={texts.waiting} value={counted(waiting)} to="/deliveries" search={{ state: 'pending' }} />
      <Tile
        label={texts.failed}
        value={counted(failed)}
        isBad={failed !== undefined && failed.count > 0}
        to="/deliveries"
        search={{ state: 'failed', time: 'day' }}
      />
    </ul>
  );
}

interface TileProps extends Pick<LinkProps, 'to' | 'search'> {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: string | undefined;
  readonly isBad?: boolean;
}

function Tile({ label, value, note, isBad = false, ...target }: TileProps) {
  return (
    <li>
      <Link {...target} className={styles.number}>
        <span className={styles.label}>{label}</span>
        <span className={`${styles.value} ${isBad ? styles.bad : ''}`}>{value}</span>
        {note && <span className={styles.note}>{note}</span>}
      </Link>
    </li>
  );
}

function counted(number: Counted | undefined): string {
  if (!number) return '…';
  return number.isLeast ? texts.atLeast(number.count) : `${number.count}`;
}
