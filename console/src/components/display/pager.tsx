import { Link } from '@tanstack/react-router';
import { webhookTexts as texts } from '../../texts/webhooks.ts';
import { buttonClass } from '../controls/button.tsx';
import styles from './pager.module.css';

interface Props {
  /** Path of the list. */
  readonly to: string;
  /** Number of the shown page, from 1. */
  readonly page: number;
  readonly size: number;
  readonly total: number;
  /** Other parts of the address, which stay as they are. */
  readonly search: Readonly<Record<string, unknown>>;
}

/** Leads through the pages of a list. Shows nothing if there is one page. */
export function Pager({ to, page, size, total, search }: Props) {
  if (total <= size) return null;
  const first = (page - 1) * size;
  return (
    <nav className={styles.pager}>
      <span className="numeric">
        {texts.page(Math.min(first + 1, total), Math.min(first + size, total), total)}
      </span>
      <Step to={to} search={{ ...search, page: page - 1 }} disabled={page === 1} label={texts.previous} />
      <Step
        to={to}
        search={{ ...search, page: page + 1 }}
        disabled={first + size >= total}
        label={texts.next}
      />
    </nav>
  );
}

interface StepProps {
  readonly to: string;
  readonly search: Readonly<Record<string, unknown>>;
  readonly disabled: boolean;
  readonly label: string;
}

function Step({ to, search, disabled, label }: StepProps) {
  return (
    // The routes of lists all know `page`, which the type of a path that is only known here does not say.
    <Link to={to} search={search as never} disabled={disabled} className={buttonClass('plain', 'small')}>
      {label}
    </Link>
  );
}
