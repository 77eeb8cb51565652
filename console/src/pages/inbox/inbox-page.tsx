import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/controls/button.tsx';
import { Badge } from '../../components/display/badge.tsx';
import { ErrorState } from '../../components/display/notes.tsx';
import { Page, Section } from '../../components/display/page.tsx';
import { Skeleton } from '../../components/display/skeleton.tsx';
import { Time } from '../../components/display/time.tsx';
import { ConfirmDialog } from '../../components/overlays/confirm-dialog.tsx';
import { useToast } from '../../components/overlays/toast.tsx';
import { deleteInbox, INBOXES, inboxQuery, useLiveInbox } from '../../queries/inboxes.ts';
import { inboxTexts as texts } from '../../texts/inbox.ts';
import { Address } from './address.tsx';
import { Answers } from './answers.tsx';
import styles from './inbox.module.css';
import { Requests } from './requests.tsx';

/** One inbox: its address, how it answers, and what arrives. */
export function InboxPage() {
  const { id } = getRouteApi('/shell/inboxes/$id').useParams();
  const { data, error, refetch } = useQuery(inboxQuery(id));
  const isLive = useLiveInbox(id, data !== undefined);
  const back = <Link to="/inboxes">{texts.back}</Link>;
  if (!data) {
    return (
      <Page title={texts.title} back={back}>
        <Section flush>
          {error ? <ErrorState error={error} onRetry={refetch} /> : <Skeleton lines={6} />}
        </Section>
      </Page>
    );
  }
  const { inbox, requests } = data;
  const heading = (
    <>
      {texts.title}
      <Badge tone={isLive ? 'good' : 'neutral'}>{isLive ? texts.live : texts.notLive}</Badge>
    </>
  );
  const expires = (
    <>
      {texts.expires} <Time at={inbox.expires_at} />
    </>
  );
  return (
    <Page
      title={texts.title}
      heading={heading}
      back={back}
      description={expires}
      actions={<Deletion id={id} />}
    >
      <div className={styles.parts}>
        <Address inbox={inbox} />
        <Answers inbox={inbox} />
      </div>
      <Requests requests={requests} received={inbox.received} />
    </Page>
  );
}

function Deletion({ id }: { readonly id: string }) {
  const [asks, setAsks] = useState(false);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => deleteInbox(id),
    onSuccess: async () => {
      await navigate({ to: '/inboxes' });
      toast({ text: texts.removed });
      queryClient.removeQueries({ queryKey: inboxQuery(id).queryKey });
      await queryClient.invalidateQueries({ queryKey: INBOXES });
    },
  });
  return (
    <>
      <Button icon={<Trash2 />} onClick={() => setAsks(true)}>
        {texts.remove}
      </Button>
      <ConfirmDialog
        open={asks}
        onOpenChange={setAsks}
        title={texts.removeTitle}
        description={texts.removeText}
        action={texts.removeAction}
        busy={isPending}
        error={error}
        onConfirm={() => mutate()}
      />
    </>
  );
}
