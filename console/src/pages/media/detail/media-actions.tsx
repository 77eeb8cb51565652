import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeftRight, Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, buttonClass, IconButton } from '../../../components/controls/button.tsx';
import { TextField } from '../../../components/controls/field.tsx';
import { ErrorNote } from '../../../components/display/notes.tsx';
import { ConfirmDialog } from '../../../components/overlays/confirm-dialog.tsx';
import { Dialog } from '../../../components/overlays/dialog.tsx';
import { Menu, MenuItem } from '../../../components/overlays/menu.tsx';
import { useToast } from '../../../components/overlays/toast.tsx';
import {
  deleteMedia,
  isEncoding,
  isReceived,
  MEDIA,
  type Media,
  renameMedia,
} from '../../../queries/media.ts';
import { dismiss } from '../../../queries/uploads/uploads.ts';
import { frameTexts } from '../../../texts/frame.ts';
import { mediaTexts as texts } from '../../../texts/media.ts';

export function MediaActions({ media }: { readonly media: Media }) {
  const [open, setOpen] = useState<'rename' | 'delete' | null>(null);
  const onOpenChange = (isOpen: boolean) => isOpen || setOpen(null);
  return (
    <>
      <Link to="/deliveries" search={{ media: media.id }} className={buttonClass()}>
        <ArrowLeftRight />
        {texts.deliveries}
      </Link>
      <Menu trigger={<IconButton kind="plain" icon={<Ellipsis />} label={texts.moreActions} />}>
        <MenuItem icon={<Pencil />} onSelect={() => setOpen('rename')}>
          {texts.rename}
        </MenuItem>
        <MenuItem danger icon={<Trash2 />} onSelect={() => setOpen('delete')}>
          {texts.remove}
        </MenuItem>
      </Menu>
      {open === 'rename' && <RenameDialog media={media} onOpenChange={onOpenChange} />}
      {open === 'delete' && <DeleteDialog media={media} onOpenChange={onOpenChange} />}
    </>
  );
}

interface DialogProps {
  readonly media: Media;
  readonly onOpenChange: (open: boolean) => void;
}

function RenameDialog({ media: { id, title }, onOpenChange }: DialogProps) {
  const [text, setText] = useState(title);
  const queryClient = useQueryClient();
  const toast = useToast();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => renameMedia(id, text.trim()),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: MEDIA });
      onOpenChange(false);
      toast({ text: texts.renamed });
    },
  });
  const actions = (
    <>
      <Button onClick={() => onOpenChange(false)}>{frameTexts.cancel}</Button>
      <Button kind="primary" type="submit" form="rename" busy={isPending} disabled={text.trim() === ''}>
        {texts.renameAction}
      </Button>
    </>
  );
  return (
    <Dialog open onOpenChange={onOpenChange} title={texts.renameTitle} actions={actions}>
      <form
        id="rename"
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <TextField
          label={texts.renameLabel}
          value={text}
          maxLength={255}
          onChange={(event) => setText(event.target.value)}
        />
      </form>
      {error && <ErrorNote error={error} />}
    </Dialog>
  );
}

function DeleteDialog({ media, onOpenChange }: DialogProps) {
  const { id, title } = media;
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => deleteMedia(id),
    onSuccess: async () => {
      dismiss(id);
      await navigate({ to: '/media' });
      queryClient.removeQueries({ queryKey: [...MEDIA, 'one', id] });
      await queryClient.invalidateQueries({ queryKey: MEDIA });
      toast({ text: texts.removed });
    },
  });
  const description = (
    <>
      <ul className="bullets">
        {lostWith(media).map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <p>{texts.removeStays}</p>
    </>
  );
  return (
    <ConfirmDialog
      open
      {...{ onOpenChange, description, error }}
      title={texts.removeTitle(title)}
      action={texts.removeAction}
      busy={isPending}
      onConfirm={mutate}
    />
  );
}

/** Returns what is lost when a media is deleted, in sentences. */
function lostWith(media: Media): string[] {
  const done = media.qualities.filter(({ status }) => status === 'done').map(({ name }) => name);
  return [
    ...(isReceived(media) ? [texts.removeSource(texts.bytes(media.size))] : [texts.removeUnfinished]),
    ...(done.length > 0 ? [texts.removeQualities([...new Set(done)].join(', ')), texts.removeLinks] : []),
    ...(isEncoding(media) ? [texts.removeEncoding] : []),
  ];
}
