import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { buttonClass } from '../../../components/controls/button.tsx';
import { ErrorState } from '../../../components/display/notes.tsx';
import { Page, Section } from '../../../components/display/page.tsx';
import { Skeleton } from '../../../components/display/skeleton.tsx';
import { useToast } from '../../../components/overlays/toast.tsx';
import {
  updateWebhook,
  WEBHOOKS,
  type Webhook,
  type WebhookChanges,
  webhookQuery,
} from '../../../queries/webhooks.ts';
import { frameTexts } from '../../../texts/frame.ts';
import { formTexts as texts } from '../../../texts/webhook-form.ts';
import { webhookTexts } from '../../../texts/webhooks.ts';
import { WebhookForm } from './webhook-form.tsx';
import { formOf } from './webhook-form-state.ts';

export function EditWebhookPage() {
  const { id } = getRouteApi('/shell/webhooks/$id/edit').useParams();
  const { data: webhook, error, refetch } = useQuery(webhookQuery(id));
  if (webhook) return <Editor webhook={webhook} />;
  return (
    <Page title={webhookTexts.edit} back={<Link to="/webhooks">{texts.back}</Link>}>
      <Section flush>
        {error ? <ErrorState error={error} onRetry={refetch} /> : <Skeleton lines={6} />}
      </Section>
    </Page>
  );
}

function Editor({ webhook }: { readonly webhook: Webhook }) {
  const { id, name } = webhook;
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (changes: WebhookChanges) => updateWebhook(id, changes),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: WEBHOOKS });
      await navigate({ to: '/webhooks/$id', params: { id } });
      toast({ text: texts.saved });
    },
  });
  const back = (
    <Link to="/webhooks/$id" params={{ id }}>
      {name}
    </Link>
  );
  return (
    <Page title={texts.editTitle(name)} back={back}>
      <WebhookForm
        start={formOf(webhook)}
        submitText={texts.save}
        busy={isPending}
        error={error}
        onSave={(body) => mutate(body)}
        cancel={
          <Link to="/webhooks/$id" params={{ id }} className={buttonClass()}>
            {frameTexts.cancel}
          </Link>
        }
      />
    </Page>
  );
}
