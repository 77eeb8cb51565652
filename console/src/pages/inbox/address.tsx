import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, Send } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/controls/button.tsx';
import { SelectField } from '../../components/controls/field.tsx';
import { CodeBlock } from '../../components/display/code-block.tsx';
import { ErrorNote } from '../../components/display/notes.tsx';
import { Section } from '../../components/display/page.tsx';
import { useToast } from '../../components/overlays/toast.tsx';
import type { Inbox } from '../../queries/inboxes.ts';
import {
  checkWebhook,
  createWebhook,
  EVENT_FIELDS,
  WEBHOOKS,
  type Webhook,
  webhooksQuery,
} from '../../queries/webhooks.ts';
import { EVENT_TYPES, type EventType, eventName } from '../../texts/events.ts';
import { inboxTexts } from '../../texts/inbox.ts';
import styles from './inbox.module.css';

const texts = inboxTexts.webhook;
/** Number of the newest webhooks among which those are searched that send to the inbox. */
const SEARCHED = 100;

/** URL of the inbox, and the webhook that sends to it. */
export function Address({ inbox: { url } }: { readonly inbox: Inbox }) {
  const { data } = useQuery(webhooksQuery({ search: '', offset: 0, limit: SEARCHED }));
  const webhook = data?.webhooks.find((one) => one.url === url);
  return (
    <Section title={texts.title} description={texts.description}>
      <CodeBlock code={url} label={inboxTexts.url} wrap />
      {webhook ? <Sample webhook={webhook} /> : data && <Creation url={url} />}
    </Section>
  );
}

function Creation({ url }: { readonly url: string }) {
  const queryClient = useQueryClient();
  const toast = useToast();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => {
      const events = Object.fromEntries(EVENT_TYPES.map((type) => [EVENT_FIELDS[type], true]));
      return createWebhook({ url, name: texts.name, ...events });
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: WEBHOOKS });
      toast({ text: texts.made });
    },
  });
  return (
    <>
      <p>{texts.none}</p>
      <div>
        <Button kind="primary" icon={<Plus />} busy={isPending} onClick={() => mutate()}>
          {texts.make}
        </Button>
      </div>
      {error && <ErrorNote error={error} />}
    </>
  );
}

function Sample({ webhook: { id, name } }: { readonly webhook: Webhook }) {
  const [event, setEvent] = useState<EventType>('encoding.finished');
  const toast = useToast();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => checkWebhook(id, event),
    onSuccess: () => toast({ text: texts.sent }),
  });
  return (
    <>
      <p>
        {texts.sends}{' '}
        <Link to="/webhooks/$id" params={{ id }} className={styles.inText}>
          {name}
        </Link>
      </p>
      <div className={styles.row}>
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
        <Button kind="primary" icon={<Send />} busy={isPending} onClick={() => mutate()}>
          {texts.send}
        </Button>
      </div>
      {error && <ErrorNote error={error} />}
      <p className={styles.hint}>{texts.media}</p>
    </>
  );
}
