import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../../api/errors.ts';
import { Button } from '../../components/controls/button.tsx';
import { CopyButton } from '../../components/controls/copy-button.tsx';
import { TextField } from '../../components/controls/field.tsx';
import { ErrorNote, Note } from '../../components/display/notes.tsx';
import { Facts, Section } from '../../components/display/page.tsx';
import { Time } from '../../components/display/time.tsx';
import { useToast } from '../../components/overlays/toast.tsx';
import { changePassword, sessionQuery } from '../../queries/session.ts';
import { useSession } from '../../queries/use-session.ts';
import { accountTexts } from '../../texts/account.ts';
import styles from './account.module.css';

const texts = accountTexts.password;
/** Minimum number of characters of a password, which the service demands, too. */
const MIN_LENGTH = 12;

/** Account and session of the person, and the password. */
export function SignInSettings() {
  const { account } = useSession();
  return (
    <div className={styles.stack}>
      <ThisSession />
      <Section title={texts.title} description={account.has_password ? texts.description : undefined}>
        {account.has_password ? <PasswordForm /> : <Note title={texts.none}>{texts.noneHint}</Note>}
      </Section>
    </div>
  );
}

function ThisSession() {
  const { account, signed_in_with: means, expires_at: endsAt } = useSession();
  const { email, id, is_operator, created_at } = account;
  const name = [account.first_name, account.last_name].filter(Boolean).join(' ');
  const copied = (
    <span className={styles.copied}>
      <span className="mono">{id}</span>
      <CopyButton text={id} label={accountTexts.copyId} />
    </span>
  );
  return (
    <Section title={accountTexts.session.title}>
      <Facts
        items={[
          [accountTexts.email, email],
          [accountTexts.name, name || accountTexts.noName],
          [accountTexts.role, accountTexts.roles[is_operator ? 'operator' : 'owner']],
          [accountTexts.id, copied],
          [accountTexts.since, <Time key="since" at={created_at} />],
          means !== null && [accountTexts.signedInWith, accountTexts.means[means] ?? means],
          endsAt !== null && [accountTexts.endsAt, <Time key="ends" at={endsAt} />],
        ]}
      />
    </Section>
  );
}

function PasswordForm() {
  const { account } = useSession();
  const [isShort, setIsShort] = useState(false);
  const queryClient = useQueryClient();
  const toast = useToast();
  const { mutate, isPending, error } = useMutation({
    mutationFn: ({ current, next }: { current: string; next: string; form: HTMLFormElement }) =>
      changePassword(current, next),
    onSuccess: (session, { form }) => {
      queryClient.setQueryData(sessionQuery.queryKey, session);
      form.reset();
      toast({ text: texts.changed });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const value = (name: string) => String(new FormData(form).get(name) ?? '');
    const tooShort = value('next').length < MIN_LENGTH;
    setIsShort(tooShort);
    if (!tooShort) mutate({ current: value('current'), next: value('next'), form });
  };
  const isWrong = error instanceof ApiError && error.status === 403;
  return (
    <form className={styles.form} onSubmit={submit}>
      {/* Managers of passwords keep the new one under this name. */}
      <input type="email" autoComplete="username" value={account.email} readOnly hidden />
      <TextField
        label={texts.current}
        name="current"
        type="password"
        autoComplete="current-password"
        required
        error={isWrong ? texts.wrong : undefined}
      />
      <TextField
        label={texts.next}
        name="next"
        type="password"
        autoComplete="new-password"
        hint={texts.hint}
        error={isShort ? texts.short : undefined}
        required
      />
      {error && !isWrong && <ErrorNote error={error} />}
      <div>
        <Button type="submit" busy={isPending}>
          {texts.submit}
        </Button>
      </div>
    </form>
  );
}
