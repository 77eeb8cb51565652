import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/controls/button.tsx';
import { SelectField, TextField } from '../../../components/controls/field.tsx';
import { ErrorNote, Note } from '../../../components/display/notes.tsx';
import { Dialog } from '../../../components/overlays/dialog.tsx';
import { TIME_RANGES } from '../../../queries/deliveries.ts';
import { recoverWebhook, WEBHOOKS, webhooksQuery } from '../../../queries/webhooks.ts';
import { resendTexts as texts } from '../../../texts/deliveries.ts';
import { frameTexts } from '../../../texts/frame.ts';
import { Recoveries } from './recoveries.tsx';

/** Number of webhooks that the list of choices names, and that one click covers. */
const CHOICES = 100;

type Since = keyof typeof texts.sinces;

/** Sends everything again that failed since a time. @param webhookId webhook that the list shows, which is chosen first */
export function BulkResend({ webhookId }: { readonly webhookId: string | undefined }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button icon={<RotateCw />} onClick={() => setIsOpen(true)}>
        {texts.bulk}
      </Button>
      {isOpen && <BulkDialog webhookId={webhookId ?? ''} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function BulkDialog({ webhookId, onClose }: { readonly webhookId: string; readonly onClose: () => void }) {
  const [webhook, setWebhook] = useState(webhookId);
  const [since, setSince] = useState<Since>('day');
  const [time, setTime] = useState('');
  const queryClient = useQueryClient();
  const { data } = useQuery(webhooksQuery({ search: '', offset: 0, limit: CHOICES }));
  const webhooks = data?.webhooks ?? [];
  const chosen = webhook === '' ? webhooks.map(({ id }) => id) : [webhook];
  const start = startOf(since, time);
  const {
    mutate,
    isPending,
    error,
    data: started,
  } = useMutation({
    mutationFn: (from: Date) => Promise.all(chosen.map((id) => recoverWebhook(id, from.toISOString()))),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [...WEBHOOKS, 'recoveries'] }),
  });
  const actions = (
    <>
      <Button onClick={onClose}>{started ? frameTexts.close : frameTexts.cancel}</Button>
      {!started && (
        <Button
          kind="primary"
          busy={isPending}
          disabled={chosen.length === 0 || !start}
          onClick={() => start && mutate(start)}
        >
          {texts.start}
        </Button>
      )}
    </>
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={texts.bulkTitle}
      description={texts.bulkText}
      actions={actions}
    >
      {started ? (
        <Recoveries started={started} names={new Map(webhooks.map(({ id, name }) => [id, name]))} />
      ) : (
        <>
          <SelectField
            label={texts.webhook}
            value={webhook}
            onChange={({ target }) => setWebhook(target.value)}
          >
            <option value="">{texts.allWebhooks}</option>
            {webhooks.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
          <SelectField
            label={texts.since}
            value={since}
            onChange={({ target }) => setSince(target.value as Since)}
          >
            {Object.entries(texts.sinces).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </SelectField>
          {since === 'custom' && (
            <TextField
              label={texts.time}
              type="datetime-local"
              error={time !== '' && !start ? texts.timeMissing : undefined}
              value={time}
              onChange={({ target }) => setTime(target.value)}
            />
          )}
          {data && webhooks.length === 0 && <Note>{texts.noWebhooks}</Note>}
          {error && <ErrorNote error={error} />}
        </>
      )}
    </Dialog>
  );
}

/** Returns the time from which failed deliveries are sent again; `null`: none was entered, or one in the future. */
function startOf(since: Since, time: string): Date | null {
  if (since !== 'custom') return new Date(Date.now() - TIME_RANGES[since]);
  const entered = new Date(time);
  return entered.getTime() < Date.now() ? entered : null;
}
