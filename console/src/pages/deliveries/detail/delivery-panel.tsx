import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { RotateCw } from 'lucide-react';
import { Button } from '../../../components/controls/button.tsx';
import { CopyButton } from '../../../components/controls/copy-button.tsx';
import { ErrorState } from '../../../components/display/notes.tsx';
import { Facts } from '../../../components/display/page.tsx';
import { Skeleton } from '../../../components/display/skeleton.tsx';
import { Tabs } from '../../../components/display/tabs.tsx';
import { Time } from '../../../components/display/time.tsx';
import { Dialog } from '../../../components/overlays/dialog.tsx';
import { useToast } from '../../../components/overlays/toast.tsx';
import {
  DELIVERIES,
  type DeliveryDetail,
  deliveryQuery,
  resendDelivery,
} from '../../../queries/deliveries.ts';
import { resendTexts, detailTexts as texts } from '../../../texts/deliveries.ts';
import { eventName } from '../../../texts/events.ts';
import { DeliveryBadge } from '../delivery-badge.tsx';
import { WebhookName } from '../list/delivery-row.tsx';
import { Attempts } from './attempts.tsx';
import styles from './detail.module.css';
import { DiagnosisNote } from './diagnosis-note.tsx';
import { Payload } from './payload.tsx';
import { Reproduce } from './reproduce.tsx';

/** One delivery, beside the list. */
export function DeliveryPanel() {
  const { id } = getRouteApi('/shell/deliveries/$id').useParams();
  const { data, error, refetch } = useQuery(deliveryQuery(id));
  const navigate = useNavigate();
  const close = () => navigate({ to: '/deliveries', search: true });
  const delivery = data?.delivery;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || close()}
      place="side"
      title={delivery ? eventName(delivery.event) : texts.title}
      actions={delivery && <ResendButton delivery={delivery} />}
    >
      {delivery ? (
        <Content delivery={delivery} earlier={data.next_cursor} />
      ) : error ? (
        <ErrorState error={error} onRetry={refetch} />
      ) : (
        <Skeleton lines={8} />
      )}
    </Dialog>
  );
}

function Content({
  delivery,
  earlier,
}: {
  readonly delivery: DeliveryDetail;
  readonly earlier: string | null;
}) {
  const { facts } = texts;
  const { id, webhook_id, media_id, event, event_id, created_at, ended_at } = delivery;
  return (
    <>
      <div className={styles.state}>
        <DeliveryBadge delivery={delivery} />
        <Time at={created_at} show="absolute" />
      </div>
      <DiagnosisNote delivery={delivery} />
      <Tabs
        label={texts.parts}
        tabs={[
          {
            value: 'attempts',
            label: texts.attempts,
            content: <Attempts delivery={delivery} earlier={earlier} />,
          },
          { value: 'payload', label: texts.payload, content: <Payload delivery={delivery} /> },
          { value: 'reproduce', label: texts.reproduce, content: <Reproduce delivery={delivery} /> },
        ]}
      />
      <hr className={styles.line} />
      <Facts
        items={[
          [
            facts.webhook,
            <Link key="webhook" to="/webhooks/$id" params={{ id: webhook_id }}>
              <WebhookName id={webhook_id} />
            </Link>,
          ],
          [facts.event, <code key="event">{event}</code>],
          [
            facts.media,
            <Link key="media" to="/deliveries" search={{ media: media_id }} className="mono">
              {media_id}
            </Link>,
          ],
          [facts.eventId, <Copied key="event-id" text={event_id} />],
          [facts.id, <Copied key="id" text={id} />],
          ended_at !== null && [facts.ended, <Time key="ended" at={ended_at} />],
        ]}
      />
    </>
  );
}

function Copied({ text }: { readonly text: string }) {
  return (
    <span className={styles.copied}>
      <span className="mono">{text}</span>
      <CopyButton text={text} label={texts.copyId} />
    </span>
  );
}

function ResendButton({ delivery: { id, state } }: { readonly delivery: DeliveryDetail }) {
  const queryClient = useQueryClient();
  const toast = useToast();
  const { mutate, isPending } = useMutation({
    mutationFn: () => resendDelivery(id),
    onSuccess: async () => {
      toast({ text: resendTexts.queued });
      await queryClient.invalidateQueries({ queryKey: [...DELIVERIES, 'one', id] });
    },
    onError: (error) => toast({ kind: 'bad', text: error.message }),
  });
  return (
    <Button
      kind={state === 'failed' ? 'primary' : 'plain'}
      icon={<RotateCw />}
      busy={isPending}
      onClick={() => mutate()}
    >
      {resendTexts.oneDelivery}
    </Button>
  );
}
