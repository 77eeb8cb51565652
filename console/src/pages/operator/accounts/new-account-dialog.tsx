import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ApiError } from '../../../api/errors.ts';
import { Button } from '../../../components/controls/button.tsx';
import { TextField } from '../../../components/controls/field.tsx';
import { CodeBlock } from '../../../components/display/code-block.tsx';
import { ErrorNote, Note } from '../../../components/display/notes.tsx';
import { Dialog } from '../../../components/overlays/dialog.tsx';
import { ACCOUNTS, type AccountInput, createAccount, type MadeAccount } from '../../../queries/accounts.ts';
import { frameTexts } from '../../../texts/frame.ts';
import { operatorTexts } from '../../../texts/operator.ts';
import styles from './accounts.module.css';

const texts = operatorTexts.newAccount;
/** Minimum number of characters of a password, which the service demands, too. */
const MIN_PASSWORD = 12;

interface Props {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Asks for the email of a new account, and then shows the account's first API key, once. */
export function NewAccountDialog({ open, onOpenChange }: Props) {
  const [faults, setFaults] = useState<Faults>({});
  const form = useId();
  const queryClient = useQueryClient();
  const { mutate, isPending, error, data, reset } = useMutation({
    mutationFn: createAccount,
    gcTime: 0,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ACCOUNTS }),
  });
  const change = (wanted: boolean) => {
    onOpenChange(wanted);
    setFaults({});
    reset();
  };
  if (data) return <Made made={data} open={open} onClose={() => change(false)} />;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const input = inputIn(new FormData(event.currentTarget));
    const found = faultsOf(input);
    setFaults(found);
    if (Object.keys(found).length === 0) mutate(input);
  };
  const actions = (
    <>
      <Button onClick={() => change(false)}>{frameTexts.cancel}</Button>
      <Button kind="primary" type="submit" form={form} busy={isPending}>
        {texts.create}
      </Button>
    </>
  );
  const refused = error instanceof ApiError ? error.fields : {};
  return (
    <Dialog open={open} onOpenChange={change} title={texts.title} actions={actions}>
      <form id={form} className={styles.form} onSubmit={submit} noValidate>
        <Fields faults={{ ...refused, ...faults }} />
      </form>
      {error && <ErrorNote error={error} />}
    </Dialog>
  );
}

type Faults = Readonly<Partial<Record<'email' | 'password', string>>>;

function Fields({ faults }: { readonly faults: Faults }) {
  return (
    <>
      <TextField label={texts.email} name="email" type="email" maxLength={254} error={faults.email} />
      <div className={styles.names}>
        <TextField label={texts.firstName} name="first_name" maxLength={255} />
        <TextField label={texts.lastName} name="last_name" maxLength={255} />
      </div>
      <TextField
        label={texts.password}
        name="password"
        type="password"
        autoComplete="new-password"
        hint={texts.passwordHint}
        error={faults.password}
      />
    </>
  );
}

function inputIn(form: FormData): AccountInput {
  const value = (name: string) => String(form.get(name) ?? '');
  const password = value('password');
  return {
    email: value('email').trim(),
    first_name: value('first_name').trim(),
    last_name: value('last_name').trim(),
    ...(password !== '' && { password }),
  };
}

function faultsOf({ email, password }: AccountInput): Faults {
  const isShort = password !== undefined && password.length < MIN_PASSWORD;
  return {
    ...(!/^[^\s@]+@[^\s@]+$/.test(email) && { email: texts.emailProblem }),
    ...(isShort && { password: texts.passwordProblem }),
  };
}

interface MadeProps {
  readonly made: MadeAccount;
  readonly open: boolean;
  readonly onClose: () => void;
}

function Made({ made: { account, api_key: key }, open, onClose }: MadeProps) {
  const actions = (
    <Button kind="primary" onClick={onClose}>
      {texts.done}
    </Button>
  );
  return (
    <Dialog open={open} onOpenChange={onClose} title={texts.madeTitle(account.email)} actions={actions} wide>
      <div className={styles.made}>
        <Note tone="warn">{texts.madeText}</Note>
        <div>
          <p className={styles.label}>{texts.publicKey}</p>
          <CodeBlock label={texts.publicKey} code={key.public_key} wrap />
        </div>
        <div>
          <p className={styles.label}>{texts.secretKey}</p>
          <CodeBlock label={texts.secretKey} code={key.secret} wrap />
        </div>
      </div>
    </Dialog>
  );
}
