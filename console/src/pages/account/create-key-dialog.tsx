import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '../../components/controls/button.tsx';
import { SelectField, TextField } from '../../components/controls/field.tsx';
import { CodeBlock } from '../../components/display/code-block.tsx';
import { ErrorNote, Note } from '../../components/display/notes.tsx';
import { Dialog } from '../../components/overlays/dialog.tsx';
import { API_KEYS, type ApiKeyInput, createApiKey, type NewApiKey } from '../../queries/api-keys.ts';
import { accountTexts } from '../../texts/account.ts';
import { frameTexts } from '../../texts/frame.ts';
import styles from './account.module.css';

const texts = accountTexts.keys;
const TYPES = ['full_access', 'only_upload'] as const;

interface Props {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Asks what the key is for, and then shows its secret, once. */
export function CreateKeyDialog({ open, onOpenChange }: Props) {
  const [isMissing, setIsMissing] = useState(false);
  const form = useId();
  const queryClient = useQueryClient();
  const { mutate, isPending, error, data, reset } = useMutation({
    mutationFn: createApiKey,
    // The secret is forgotten as soon as the dialog is closed.
    gcTime: 0,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: API_KEYS }),
  });
  const change = (wanted: boolean) => {
    onOpenChange(wanted);
    setIsMissing(false);
    reset();
  };
  if (data) return <MadeKey apiKey={data} open={open} onClose={() => change(false)} />;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const input = inputIn(new FormData(event.currentTarget));
    setIsMissing(input.api_key_name === '');
    if (input.api_key_name !== '') mutate(input);
  };
  const actions = (
    <>
      <Button onClick={() => change(false)}>{frameTexts.cancel}</Button>
      <Button kind="primary" type="submit" form={form} busy={isPending}>
        {texts.createAction}
      </Button>
    </>
  );
  return (
    <Dialog open={open} onOpenChange={change} title={texts.createTitle} actions={actions}>
      <form id={form} className={styles.form} onSubmit={submit} noValidate>
        <KeyFields isNameMissing={isMissing} />
      </form>
      {error && <ErrorNote error={error} />}
    </Dialog>
  );
}

function KeyFields({ isNameMissing }: { readonly isNameMissing: boolean }) {
  return (
    <>
      <TextField
        label={texts.name}
        name="name"
        hint={texts.nameHint}
        maxLength={255}
        error={isNameMissing ? texts.nameMissing : undefined}
      />
      <fieldset className={styles.choices}>
        <legend>{texts.type}</legend>
        {TYPES.map((type) => (
          <label key={type} className={styles.choice}>
            <input type="radio" name="type" value={type} defaultChecked={type === 'full_access'} />
            <span>{texts.types[type]}</span>
            <small>{texts.typeHints[type]}</small>
          </label>
        ))}
      </fieldset>
      <SelectField label={texts.lifetime} name="ttl" defaultValue="0">
        {Object.entries(texts.lifetimes).map(([seconds, label]) => (
          <option key={seconds} value={seconds}>
            {label}
          </option>
        ))}
      </SelectField>
    </>
  );
}

function inputIn(form: FormData): ApiKeyInput {
  const value = (name: string) => String(form.get(name) ?? '').trim();
  const type = value('type') === 'only_upload' ? 'only_upload' : 'full_access';
  return { api_key_name: value('name'), type, ttl: value('ttl') };
}

interface MadeProps {
  readonly apiKey: NewApiKey;
  readonly open: boolean;
  readonly onClose: () => void;
}

function MadeKey({ apiKey: { public_key: publicKey, secret, type }, open, onClose }: MadeProps) {
  const actions = (
    <Button kind="primary" onClick={onClose}>
      {texts.done}
    </Button>
  );
  return (
    <Dialog open={open} onOpenChange={onClose} title={texts.madeTitle} actions={actions} wide>
      <div className={styles.made}>
        <Note tone="warn">{texts.madeText}</Note>
        <Labelled label={texts.publicKey} code={publicKey} />
        <Labelled label={texts.secretKey} code={secret} />
        {type === 'full_access' && (
          <Labelled
            label={texts.tryIt}
            code={`curl -u ${publicKey}:${secret} ${location.origin}/api/user/me`}
          />
        )}
      </div>
    </Dialog>
  );
}

function Labelled({ label, code }: { readonly label: string; readonly code: string }) {
  return (
    <div>
      <p className={styles.label}>{label}</p>
      <CodeBlock label={label} code={code} wrap />
    </div>
  );
}
