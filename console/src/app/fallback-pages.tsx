import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { ApiError } from '../api/errors.ts';
import { Button, buttonClass } from '../components/controls/button.tsx';
import { EmptyState, ErrorState } from '../components/display/notes.tsx';
import { errorTexts } from '../texts/errors.ts';
import { frameTexts } from '../texts/frame.ts';

export function NotFoundPage() {
  return (
    <main>
      <h1 className="visually-hidden">{frameTexts.notFoundTitle}</h1>
      <EmptyState
        icon={<Compass />}
        title={frameTexts.notFoundTitle}
        hint={frameTexts.notFoundHint}
        action={
          <Link to="/" className={buttonClass()}>
            {frameTexts.toStart}
          </Link>
        }
      />
    </main>
  );
}

/** Stands for a page that could not be shown. A page of an earlier version may be missing on the server after an upgrade. */
export function CrashNote({ error }: { readonly error: unknown }) {
  const reload = () => location.reload();
  if (error instanceof ApiError) return <ErrorState error={error} onRetry={reload} />;
  return (
    <EmptyState
      title={errorTexts.crashTitle}
      hint={errorTexts.crashHint}
      action={<Button onClick={reload}>{errorTexts.reload}</Button>}
    />
  );
}

/** Stands for everything, if not even the frame around the pages could be shown. */
export function CrashPage({ error }: { readonly error: unknown }) {
  return (
    <main>
      <h1 className="visually-hidden">{frameTexts.product}</h1>
      <CrashNote error={error} />
    </main>
  );
}
