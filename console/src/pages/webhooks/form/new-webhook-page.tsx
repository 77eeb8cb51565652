import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { buttonClass } from '../../../components/controls/button.tsx';
import { Page } from '../../../components/display/page.tsx';
import { useToast } from '../../../components/overlays/toast.tsx';
import { createWebhook, WEBHOOKS } from '../../../queries/webhooks.ts';
import { frameTexts } from '../../../texts/frame.ts';
import { formTexts as texts } from '../../../texts/webhook-form.ts';
import { WebhookForm } from './webhook-form.tsx';
import { NEW_FORM } from './webhook-form-state.ts';

export function NewWebhookPage() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const { mutate, isPending, error } = useMutation({
    mutationFn: createWebhook,
    onSuccess: async ({ id }) => {
      await queryClient.invalidateQueries({ queryKey: WEBHOOKS });
      await navigate({ to: '/webhooks/$id', params: { id }, search: { tab: 'checks' } });
      toast({ text: texts.created });
    },
  });
  return (
    <Page title={texts.createTitle} back={<Link to="/webhooks">{texts.back}</Link>}>
      <WebhookForm
        start={NEW_FORM}
        submitText={texts.create}
        busy={isPending}
        error={error}
        onSave={(body) => mutate(body)}
        cancel={
          <Link to="/webhooks" className={buttonClass()}>
            {frameTexts.cancel}
          </Link>
        }
      />
    </Page>
  );
}
