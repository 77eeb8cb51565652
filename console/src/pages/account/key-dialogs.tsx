import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '../../components/controls/button.tsx';
import { TextField } from '../../components/controls/field.tsx';
import { ErrorNote } from '../../components/display/notes.tsx';
import { ConfirmDialog } from '../../components/overlays/confirm-dialog.tsx';
import { Dialog } from '../../components/overlays/dialog.tsx';
import { useToast } from '../../components/overlays/toast.tsx';
import { API_KEYS, type ApiKey, deleteApiKey, renameApiKey } from '../../queries/api-keys.ts';
import { accountTexts } from '../../texts/account.ts';
import { frameTexts } from '../../texts/frame.ts';

const texts = accountTexts.keys;

interface Props {
  readonly apiKey: ApiKey;
  readonly open: boolean;
  readonly onClose: () => void;
}

export function DeleteKeyDialog({ apiKey: { id, name }, open, onClose }: Props) {
  const { mutate, isPending, error } = useKeyChange(() => deleteApiKey(id), texts.removed, onClose);
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onClose}
      title={texts.removeTitle(name)}
      description={texts.removeText}
      action={texts.removeAction}
      busy={isPending}
      error={error}
      onConfirm={() => mutate('')}
    />
  );
}

export function RenameKeyDialog({ apiKey: { id, name }, open, onClose }: Props) {
  const [isMissing, setIsMissing] = useState(false);
  const form = useId();
  const rename = (wanted: string) => renameApiKey(id, wanted);
  const { mutate, isPending, error } = useKeyChange(rename, texts.renamed, onClose);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const wanted = String(new FormData(event.currentTarget).get('name') ?? '').trim();
    setIsMissing(wanted === '');
    if (wanted !== '') mutate(wanted);
  };
  const actions = (
    <>
      <Button onClick={onClose}>{frameTexts.cancel}</Button>
      <Button kind="primary" type="submit" form={form} busy={isPending}>
        {texts.renameAction}
      </Button>
    </>
  );
  return (
    <Dialog open={open} onOpenChange={onClose} title={texts.renameTitle(name)} actions={actions}>
      <form id={form} onSubmit={submit} noValidate>
        <TextField
          label={texts.name}
          name="name"
          defaultValue={name}
          maxLength={255}
          error={isMissing ? texts.nameMissing : undefined}
        />
      </form>
      {error && <ErrorNote error={error} />}
    </Dialog>
  );
}

function useKeyChange(change: (name: string) => Promise<void>, text: string, onDone: () => void) {
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      onDone();
      toast({ text });
      await queryClient.invalidateQueries({ queryKey: API_KEYS });
    },
  });
}
