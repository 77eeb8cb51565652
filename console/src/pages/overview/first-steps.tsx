import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonClass } from '../../components/controls/button.tsx';
import { Section } from '../../components/display/page.tsx';
import { useSession } from '../../queries/use-session.ts';
import { overviewTexts } from '../../texts/overview.ts';
import styles from './overview.module.css';

const texts = overviewTexts.begin;

/** Steps that lead an account without webhooks to its first delivery. */
export function FirstSteps() {
  const { inbox } = useSession();
  return (
    <Section title={texts.title}>
      <ol className={styles.steps}>
        <Step {...texts.webhook}>
          <Link to="/webhooks/new" className={buttonClass('primary')}>
            <Plus />
            {texts.createWebhook}
          </Link>
          {inbox && (
            <Link to="/inboxes" className={buttonClass()} title={texts.inbox.hint}>
              {texts.inbox.title}
            </Link>
          )}
        </Step>
        <Step {...texts.verify} />
        <Step {...texts.upload}>
          <Link to="/account" className={buttonClass()}>
            {texts.keys}
          </Link>
        </Step>
      </ol>
    </Section>
  );
}

interface StepProps {
  readonly title: string;
  readonly hint: string;
  readonly children?: ReactNode;
}

function Step({ title, hint, children }: StepProps) {
  return (
    <li className={styles.step}>
      <div>
        <h3>{title}</h3>
        <p className={styles.soft}>{hint}</p>
        {children && <div className={styles.stepActions}>{children}</div>}
      </div>
    </li>
  );
}
