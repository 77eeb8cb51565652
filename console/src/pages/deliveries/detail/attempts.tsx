import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../../components/controls/button.tsx';
import { CodeBlock } from '../../../components/display/code-block.tsx';
import { ErrorNote, sentence } from '../../../components/display/notes.tsx';
import { Time } from '../../../components/display/time.tsx';
import { type Attempt, type DeliveryDetail, earlierAttempts } from '../../../queries/deliveries.ts';
import { detailTexts as texts } from '../../../texts/deliveries.ts';
import { timeTexts } from '../../../texts/time.ts';
import styles from './attempts.module.css';

interface Props {
  readonly delivery: DeliveryDetail;
  /** Cursor of the attempts before those that are shown; `null`: all are shown. */
  readonly earlier: string | null;
}

/** Attempts on a time line, the newest one first. */
export function Attempts({ delivery, earlier }: Props) {
  const [older, setOlder] = useState<readonly Attempt[]>([]);
  const [cursor, setCursor] = useState(earlier);
  const { mutate, isPending, error } = useMutation({
    mutationFn: (from: string) => earlierAttempts(delivery.id, from),
    onSuccess: (page) => {
      setOlder((others) => [...page.attempts, ...others]);
      setCursor(page.next_cursor);
    },
  });
  const attempts = [...older, ...delivery.attempts].toSorted((a, b) => b.number - a.number);
  if (attempts.length === 0) return <p className={styles.none}>{texts.noAttempts}</p>;
  return (
    <>
      <ol className={styles.line} aria-label={texts.attempts}>
        {attempts.map((attempt, index) => (
          <Item key={attempt.number} attempt={attempt} before={attempts[index + 1]} isNewest={index === 0} />
        ))}
      </ol>
      {error && <ErrorNote error={error} />}
      {cursor && (
        <Button busy={isPending} onClick={() => mutate(cursor)}>
          {texts.moreAttempts}
        </Button>
      )}
    </>
  );
}

interface ItemProps {
  readonly attempt: Attempt;
  /** The attempt before this one, which is listed below it. */
  readonly before: Attempt | undefined;
  readonly isNewest: boolean;
}

function Item({ attempt, before, isNewest }: ItemProps) {
  const { number, at, duration_ms: ms, status, error, response, headers, url } = attempt;
  const pause = before && Date.parse(at) - Date.parse(before.at) - before.duration_ms;
  return (
    <li className={`${styles.item} ${error ? styles.bad : styles.good}`}>
      <span className={styles.point} />
      <details open={isNewest} name="attempt">
        <summary className={styles.summary}>
          <strong>{texts.attempt(number)}</strong>
          <span className={styles.status}>{status ?? texts.noAnswer}</span>
          <span className={styles.when}>
            <Time at={at} show="clock" /> · {texts.took(timeTexts.duration(ms))}
          </span>
        </summary>
        <div className={styles.body}>
          {error && <p className={styles.error}>{sentence(error)}</p>}
          {url && <p className="mono">POST {url}</p>}
          <h3>{texts.answer}</h3>
          {response ? (
            <CodeBlock code={response} label={texts.answer} wrap />
          ) : (
            <p className={styles.none}>{status === null ? texts.noAnswer : texts.emptyAnswer}</p>
          )}
          <h3>{texts.headers}</h3>
          {headers ? (
            <>
              <CodeBlock code={headerLines(headers)} label={texts.headers} wrap />
              <p className={styles.none}>{texts.masked}</p>
            </>
          ) : (
            <p className={styles.none}>{texts.headersUnknown}</p>
          )}
        </div>
      </details>
      {pause !== undefined && pause >= 0 && (
        <span className={styles.pause}>{texts.after(timeTexts.duration(pause))}</span>
      )}
    </li>
  );
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}
