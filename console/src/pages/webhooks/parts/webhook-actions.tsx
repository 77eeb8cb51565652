import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeftRight, Ellipsis, Pause, Pencil, Play, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, buttonClass, IconButton } from '../../../components/controls/button.tsx';
import { ConfirmDialog } from '../../../components/overlays/confirm-dialog.tsx';
import { Menu, MenuItem } from '../../../components/overlays/menu.tsx';
import { useToast } from '../../../components/overlays/toast.tsx';
import {
  deleteWebhook,
  pauseWebhook,
  resumeWebhook,
  WEBHOOKS,
  type Webhook,
} from '../../../queries/webhooks.ts';
import { webhookTexts as texts } from '../../../texts/webhooks.ts';

export function WebhookActions({ webhook }: { readonly webhook: Webhook }) {
  const [asks, setAsks] = useState(false);
  const { id } = webhook;
  return (
    <>
      <Link to="/deliveries" search={{ webhook: id }} className={buttonClass()}>
        <ArrowLeftRight />
        {texts.deliveries}
      </Link>
      <PauseButton webhook={webhook} />
      <Link to="/webhooks/$id/edit" params={{ id }} className={buttonClass()}>
        <Pencil />
        {texts.edit}
      </Link>
      <Menu trigger={<IconButton kind="plain" icon={<Ellipsis />} label={texts.moreActions} />}>
        <MenuItem danger icon={<Trash2 />} onSelect={() => setAsks(true)}>
          {texts.remove}
        </MenuItem>
      </Menu>
      <DeleteDialog webhook={webhook} open={asks} onOpenChange={setAsks} />
    </>
  );
}

function PauseButton({ webhook: { id, paused_at } }: { readonly webhook: Webhook }) {
  const queryClient = useQueryClient();
  const toast = useToast();
  const isPaused = paused_at !== null;
  const { mutate, isPending } = useMutation({
    mutationFn: () => (isPaused ? resumeWebhook(id) : pauseWebhook(id)),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: WEBHOOKS });
      toast({ text: isPaused ? texts.resumed : texts.paused });
    },
    onError: (error) => toast({ kind: 'bad', text: error.message }),
  });
  return (
    <Button
      kind={isPaused ? 'primary' : 'plain'}
      icon={isPaused ? <Play /> : <Pause />}
      busy={isPending}
      onClick={() => mutate()}
    >
      {isPaused ? texts.resume : texts.pause}
    </Button>
  );
}

interface DeleteProps {
  readonly webhook: Webhook;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

function DeleteDialog({ webhook: { id, name }, open, onOpenChange }: DeleteProps) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => deleteWebhook(id),
    onSuccess: async () => {
      await navigate({ to: '/webhooks' });
      queryClient.removeQueries({ queryKey: [...WEBHOOKS, 'one', id] });
      await queryClient.invalidateQueries({ queryKey: WEBHOOKS });
      toast({ text: texts.removed });
    },
  });
  const description = (
    <>
      <ul className="bullets">
        {texts.removeText.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <p>{texts.removeInstead}</p>
    </>
  );
  return (
    <ConfirmDialog
      {...{ open, onOpenChange, description, error }}
      title={texts.removeTitle(name)}
      action={texts.removeAction}
      busy={isPending}
      onConfirm={mutate}
    />
  );
}
