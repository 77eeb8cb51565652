import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../../../api/errors.ts';
import { Button } from '../../../components/controls/button.tsx';
import { SelectField } from '../../../components/controls/field.tsx';
import { Badge } from '../../../components/display/badge.tsx';
import { CodeBlock } from '../../../components/display/code-block.tsx';
import { EmptyState, ErrorState, Note, sentence } from '../../../components/display/notes.tsx';
import { Section } from '../../../components/display/page.tsx';
import { Skeleton } from '../../../components/display/skeleton.tsx';
import { type Column, Table } from '../../../components/display/table.tsx';
import { Time } from '../../../components/display/time.tsx';
import {
  checksQuery,
  checkWebhook,
  eventsOf,
  WEBHOOKS,
  type Webhook,
  type WebhookCheck,
} from '../../../queries/webhooks.ts';
import { EVENT_TYPES, type EventType, eventName } from '../../../texts/events.ts';
import { timeTexts } from '../../../texts/time.ts';
import { checkTexts as texts } from '../../../texts/webhook-checks.ts';
import styles from './parts.module.css';

/** Sends sample events to a webhook, and shows how its receiver answered. */
export function Checks({ webhook }: { readonly webhook: Webhook }) {
  const [event, setEvent] = useState<EventType>(() => eventsOf(webhook)[0] ?? 'file.received');
  const queryClient = useQueryClient();
  const { mutate, isPending, data, error } = useMutation({
    mutationFn: () => checkWebhook(webhook.id, event),
    onSettled: () => queryClient.invalidateQueries({ queryKey: [...WEBHOOKS, 'checks', webhook.id] }),
  });
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault();
    mutate();
  };
  return (
    <div className={styles.stack}>
      <Section title={texts.title} description={texts.hint}>
        <form className={styles.row} onSubmit={submit}>
          <SelectField
            label={texts.event}
            value={event}
            onChange={({ target }) => setEvent(target.value as EventType)}
          >
            {EVENT_TYPES.map((type) => (
              <option key={type} value={type}>
                {eventName(type)}
              </option>
            ))}
          </SelectField>
          <Button type="submit" kind="primary" icon={<Send />} busy={isPending}>
            {texts.send}
          </Button>
        </form>
        <div role="status" className={styles.stack}>
          {!isPending && data && (
            <>
              <Note
                tone="good"
                title={texts.answered(data.receiver_status, timeTexts.duration(data.duration_ms))}
              >
                {!data.receiver_response && texts.emptyAnswer}
              </Note>
              {data.receiver_response && (
                <CodeBlock code={data.receiver_response} label={texts.answer} wrap />
              )}
            </>
          )}
          {!isPending && error && (
            <Note
              tone="bad"
              title={error instanceof ApiError && error.code === 'receiver_failed' ? texts.failed : undefined}
            >
              {sentence(error.message)}
            </Note>
          )}
        </div>
      </Section>
      <History id={webhook.id} />
    </div>
  );
}

const COLUMNS: readonly Column<WebhookCheck>[] = [
  {
    key: 'result',
    title: texts.result,
    narrow: true,
    cell: ({ status, error }) => <Badge tone={error ? 'bad' : 'good'}>{status ?? texts.noAnswer}</Badge>,
  },
  { key: 'event', title: texts.event, cell: ({ event }) => eventName(event), hideBelow: 'medium' },
  {
    key: 'answer',
    title: texts.answer,
    cell: ({ error, response }) => (
      <span className={styles.clamp}>{error ? sentence(error) : response || texts.emptyAnswer}</span>
    ),
  },
  {
    key: 'took',
    title: texts.took,
    align: 'end',
    narrow: true,
    hideBelow: 'medium',
    cell: ({ duration_ms }) => timeTexts.duration(duration_ms),
  },
  { key: 'when', title: texts.when, align: 'end', narrow: true, cell: ({ at }) => <Time at={at} /> },
];

function History({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(checksQuery(id));
  return (
    <Section title={texts.history} flush>
      {data ? (
        data.length === 0 ? (
          <EmptyState icon={<Send />} title={texts.emptyTitle} hint={texts.emptyHint} />
        ) : (
          <Table caption={texts.history} columns={COLUMNS} rows={data} rowKey={(check) => check.id} />
        )
      ) : error ? (
        <ErrorState error={error} onRetry={refetch} />
      ) : (
        <Skeleton lines={3} />
      )}
    </Section>
  );
}
