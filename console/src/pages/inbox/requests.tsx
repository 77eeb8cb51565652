import { Inbox as InboxIcon } from 'lucide-react';
import { useMemo } from 'react';
import { EmptyState } from '../../components/display/notes.tsx';
import { Section } from '../../components/display/page.tsx';
import type { InboxRequest } from '../../queries/inboxes.ts';
import { inboxTexts } from '../../texts/inbox.ts';
import { RequestRow } from './request-row.tsx';
import styles from './requests.module.css';

const texts = inboxTexts.requests;

interface Props {
  readonly requests: readonly InboxRequest[];
  /** Number of requests that have arrived since the inbox was made. The oldest ones are no longer kept. */
  readonly received: number;
}

/** Requests that have arrived, the newest first. */
export function Requests({ requests, received }: Props) {
  const attempts = useMemo(() => attemptNumbers(requests), [requests]);
  return (
    <Section
      flush
      title={texts.title}
      description={received > 0 ? texts.shown(requests.length, received) : undefined}
    >
      {requests.length === 0 ? (
        <EmptyState icon={<InboxIcon />} title={texts.emptyTitle} hint={texts.emptyHint} />
      ) : (
        <ol aria-label={texts.title}>
          {requests.map((request) => (
            <li key={request.number} className={styles.item}>
              <RequestRow request={request} attempt={attempts.get(request.number) ?? 1} />
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

/** Returns which attempt of its event each request is, among those that are kept, by the requests' numbers. */
export function attemptNumbers(requests: readonly InboxRequest[]): ReadonlyMap<number, number> {
  const seen = new Map<string, number>();
  const attempts = new Map<number, number>();
  for (const { number, headers } of requests.toReversed()) {
    const id = headers['webhook-id'];
    const attempt = id === undefined ? 1 : (seen.get(id) ?? 0) + 1;
    if (id !== undefined) seen.set(id, attempt);
    attempts.set(number, attempt);
  }
  return attempts;
}
