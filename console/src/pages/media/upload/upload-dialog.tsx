import { useMutation, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../../components/controls/button.tsx';
import { Checkbox, TextField } from '../../../components/controls/field.tsx';
import { Note } from '../../../components/display/notes.tsx';
import { Dialog } from '../../../components/overlays/dialog.tsx';
import { useToast } from '../../../components/overlays/toast.tsx';
import { MEDIA, type NewMedia } from '../../../queries/media.ts';
import { upload } from '../../../queries/uploads/uploads.ts';
import { frameTexts } from '../../../texts/frame.ts';
import { mediaTexts } from '../../../texts/media.ts';
import { uploadTexts as texts } from '../../../texts/media-upload.ts';
import styles from './upload.module.css';

const QUALITIES = ['2160p', '1440p', '1080p', '720p', '480p', '360p', '240p', '144p'] as const;
type QualityName = (typeof QUALITIES)[number];
/** Qualities that the service itself chooses. */
const DEFAULTS: readonly QualityName[] = ['1080p', '720p', '360p'];
/** Characters of a title at most. */
const TITLE_LENGTH = 255;

interface Props {
  readonly files: readonly File[];
  readonly onClose: () => void;
}

interface Row {
  readonly file: File;
  readonly title: string;
}

/** Asks how files are to be encoded, and begins their uploads. */
export function UploadDialog({ files, onClose }: Props) {
  const [rows, setRows] = useState<readonly Row[]>(() =>
    files.map((file) => ({ file, title: titleOf(file) })),
  );
  const [qualities, setQualities] = useState<ReadonlySet<QualityName>>(new Set(DEFAULTS));
  const [isPublic, setIsPublic] = useState(true);
  const [isMp4, setIsMp4] = useState(false);
  const good = rows.filter(({ file }) => file.size > 0);
  const begin = useBegin(onClose);
  const remove = (row: Row) => {
    const others = rows.filter((other) => other !== row);
    if (others.length === 0) onClose();
    else setRows(others);
  };
  const start = () =>
    begin.mutate(good.map((row) => [row.file, settingsOf(row, { qualities, isPublic, isMp4 })] as const));
  const actions = (
    <>
      <Button onClick={onClose}>{frameTexts.cancel}</Button>
      <Button
        kind="primary"
        busy={begin.isPending}
        disabled={good.length === 0 || qualities.size === 0}
        onClick={start}
      >
        {texts.start(good.length)}
      </Button>
    </>
  );
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => open || onClose()}
      title={texts.dialogTitle(rows.length)}
      actions={actions}
    >
      <ul className={styles.files}>
        {rows.map((row, index) => (
          <FileRow
            key={`${row.file.name} ${row.file.size} ${row.file.lastModified}`}
            row={row}
            onTitle={(title) => setRows(rows.with(index, { ...row, title }))}
            onRemove={() => remove(row)}
          />
        ))}
      </ul>
      <QualityChoice qualities={qualities} onChange={setQualities} />
      <Checkbox
        label={texts.isPublic}
        hint={texts.isPublicHint}
        checked={isPublic}
        onChange={(event) => setIsPublic(event.target.checked)}
      />
      <Checkbox label={texts.isMp4} checked={isMp4} onChange={(event) => setIsMp4(event.target.checked)} />
    </Dialog>
  );
}

interface FileRowProps {
  readonly row: Row;
  readonly onTitle: (title: string) => void;
  readonly onRemove: () => void;
}

function FileRow({ row: { file, title }, onTitle, onRemove }: FileRowProps) {
  if (file.size === 0)
    return (
      <li>
        <Note tone="warn" title={file.name}>
          {texts.emptyFile}
        </Note>
      </li>
    );
  return (
    <li className={styles.file}>
      <TextField
        label={texts.fileTitle(file.name)}
        hideLabel
        value={title}
        maxLength={TITLE_LENGTH}
        onChange={(event) => onTitle(event.target.value)}
      />
      <span className={`${styles.fileSize} numeric`}>{mediaTexts.bytes(file.size)}</span>
      <IconButton size="small" icon={<X />} label={texts.removeFile(file.name)} onClick={onRemove} />
    </li>
  );
}

interface QualityProps {
  readonly qualities: ReadonlySet<QualityName>;
  readonly onChange: (qualities: ReadonlySet<QualityName>) => void;
}

function QualityChoice({ qualities, onChange }: QualityProps) {
  const toggle = (name: QualityName) => {
    const next = new Set(qualities);
    if (!next.delete(name)) next.add(name);
    onChange(next);
  };
  return (
    <fieldset>
      <legend className={styles.legend}>{texts.qualities}</legend>
      <div className={styles.chips}>
        {QUALITIES.map((name) => (
          <label key={name} className={styles.chip}>
            <input
              type="checkbox"
              className="visually-hidden"
              checked={qualities.has(name)}
              onChange={() => toggle(name)}
            />
            <span>{name}</span>
          </label>
        ))}
      </div>
      <p className={qualities.size === 0 ? styles.fault : styles.hint} aria-live="polite">
        {qualities.size === 0 ? texts.noQuality : texts.qualitiesHint}
      </p>
    </fieldset>
  );
}

/** Begins all uploads. Files that are refused are named in messages. */
function useBegin(onDone: () => void) {
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: async (wanted: readonly (readonly [File, NewMedia])[]) => {
      for (const [file, settings] of wanted) {
        try {
          await upload(file, settings);
        } catch (error) {
          toast({ kind: 'bad', text: texts.refused(file.name, (error as Error).message) });
        }
      }
    },
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: MEDIA });
      onDone();
    },
  });
}

interface Settings {
  readonly qualities: ReadonlySet<QualityName>;
  readonly isPublic: boolean;
  readonly isMp4: boolean;
}

function settingsOf({ file, title }: Row, { qualities, isPublic, isMp4 }: Settings): NewMedia {
  const chosen = QUALITIES.filter((name) => qualities.has(name));
  const isAudio = file.type.startsWith('audio/');
  const isDefault = isAudio || String(chosen) === String(DEFAULTS);
  return {
    title: title.trim() || titleOf(file),
    is_public: isPublic,
    is_mp4: isMp4,
    ...(isAudio && { type: 'audio' as const }),
    ...(!isDefault && { qualities: chosen.map((resolution) => ({ resolution })) }),
  };
}

/** Returns the name of a file without its extension. */
function titleOf(file: File): string {
  return (
    file.name.replace(/\.[A-Za-z0-9]{1,5}$/, '').slice(0, TITLE_LENGTH) || file.name.slice(0, TITLE_LENGTH)
  );
}
