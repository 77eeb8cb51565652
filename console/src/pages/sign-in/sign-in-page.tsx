import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiError } from '../../api/errors.ts';
import { Button } from '../../components/controls/button.tsx';
import { TextField } from '../../components/controls/field.tsx';
import { Segmented } from '../../components/controls/segmented.tsx';
import { Note, sentence } from '../../components/display/notes.tsx';
import { type Proof, sessionQuery, signIn } from '../../queries/session.ts';
import { frameTexts } from '../../texts/frame.ts';
import { signInTexts } from '../../texts/sign-in.ts';
import styles from './sign-in-page.module.css';

type Way = keyof typeof signInTexts.ways;
const WAYS = (Object.keys(signInTexts.ways) as Way[]).map((value) => ({
  value,
  label: signInTexts.ways[value],
}));

export function SignInPage() {
  const [way, setWay] = useState<Way>('password');
  const { mutate, isPending, error, variables, reset } = useSignIn();
  useEffect(() => {
    document.title = frameTexts.title(signInTexts.title);
    const link = takeLink();
    if (link) mutate({ link });
  }, [mutate]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    mutate(proofOf(way, new FormData(event.currentTarget)));
  };
  const isLink = variables !== undefined && 'link' in variables;
  if (isLink && isPending) return <p className="first-view">{signInTexts.linkUnderWay}</p>;
  return (
    <main className={styles.page}>
      <div className={styles.brand}>
        <img src="/console/icon.svg" alt="" width={32} height={32} />
        {frameTexts.product}
      </div>
      <form className={styles.form} onSubmit={submit}>
        <div>
          <h1>{signInTexts.title}</h1>
          <p className={styles.intro}>{signInTexts.intro}</p>
        </div>
        <Segmented
          label={signInTexts.way}
          value={way}
          options={WAYS}
          onChange={(chosen) => {
            setWay(chosen);
            reset();
          }}
        />
        {way === 'password' ? <PasswordFields /> : <KeyFields />}
        {error && (
          <Note tone="bad" role="alert">
            {refusalText(error, variables)}
          </Note>
        )}
        <Button type="submit" kind="primary" busy={isPending}>
          {signInTexts.submit}
        </Button>
      </form>
    </main>
  );
}

function PasswordFields() {
  return (
    <>
      <TextField
        label={signInTexts.email}
        name="email"
        type="email"
        autoComplete="username"
        required
        autoFocus
      />
      <TextField
        label={signInTexts.password}
        name="password"
        type="password"
        autoComplete="current-password"
        required
      />
    </>
  );
}

function KeyFields() {
  return (
    <>
      <TextField label={signInTexts.publicKey} name="public_key" required autoFocus />
      <TextField
        label={signInTexts.secretKey}
        name="secret_key"
        type="password"
        hint={signInTexts.keyHint}
        required
      />
    </>
  );
}

function useSignIn() {
  const queryClient = useQueryClient();
  const router = useRouter();
  const { next = '/' } = getRouteApi('/sign-in').useSearch();
  return useMutation({
    mutationFn: signIn,
    onSuccess: (session) => {
      queryClient.clear();
      queryClient.setQueryData(sessionQuery.queryKey, session);
      router.history.push(`/console${next}`);
    },
  });
}

/** Returns the token of an operator's link, and removes it from the address, so that nobody sees or bookmarks it. */
function takeLink(): string | null {
  const link = new URLSearchParams(location.hash.slice(1)).get('link');
  if (link) history.replaceState(history.state, '', location.pathname + location.search);
  return link;
}

function proofOf(way: Way, form: FormData): Proof {
  const value = (name: string) => String(form.get(name) ?? '').trim();
  if (way === 'key') return { public_key: value('public_key'), secret_key: value('secret_key') };
  return { email: value('email'), password: String(form.get('password') ?? '') };
}

function refusalText(error: Error, proof: Proof | undefined): string {
  if (!(error instanceof ApiError) || error.status !== 401 || !proof) return sentence(error.message);
  if ('link' in proof) return signInTexts.wrongLink;
  return 'email' in proof ? signInTexts.wrongPassword : signInTexts.wrongKey;
}
