import { Check, ChevronRight, Minus, X } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '../../components/display/badge.tsx';
import { CodeBlock } from '../../components/display/code-block.tsx';
import { sentence } from '../../components/display/notes.tsx';
import { Time } from '../../components/display/time.tsx';
import type { InboxRequest } from '../../queries/inboxes.ts';
import { inboxTexts } from '../../texts/inbox.ts';
import styles from './requests.module.css';

const texts = inboxTexts.requests;

const SIGNS = { passed: <Check />, failed: <X />, skipped: <Minus /> };

interface Props {
  readonly request: InboxRequest;
  /** Number of the attempt among the requests with the same event. */
  readonly attempt: number;
}

/** One request in a line, which opens to show the check of its signature, its headers and its body. */
export function RequestRow({ request, attempt }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const { number, at, answer, is_signed: isSigned, body } = request;
  return (
    <details className={styles.request} onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary>
        <ChevronRight className={styles.chevron} />
        <span className={styles.event}>
          <strong>{eventIn(body) ?? texts.noEvent}</strong>
          <span className={styles.faint}>
            {texts.number(number)}
            {attempt > 1 && ` · ${texts.attempt(attempt)}`}
          </span>
        </span>
        <Badge tone={isSigned ? 'good' : 'bad'}>{isSigned ? texts.signed : texts.unsigned}</Badge>
        <span className={styles.answer}>
          <span className="visually-hidden">{texts.answer} </span>
          {texts.answered(answer)}
        </span>
        <span className={styles.time}>
          <Time at={at} />
        </span>
      </summary>
      {isOpen && <Details request={request} />}
    </details>
  );
}

function Details({ request: { body, bytes, headers, signature } }: { readonly request: InboxRequest }) {
  const names = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const isCut = bytes > new TextEncoder().encode(body).length;
  return (
    <div className={styles.details}>
      <section>
        <h3>{texts.signature}</h3>
        <ol className={styles.steps}>
          {signature.map(({ step, outcome, message }) => (
            <li key={step} className={`${styles.step} ${styles[outcome]}`}>
              {SIGNS[outcome]}
              <div>
                <strong>{texts.steps[step]}</strong>
                <span className="visually-hidden">: {texts.outcomes[outcome]}</span>
                {outcome !== 'skipped' && <p>{sentence(message)}</p>}
              </div>
            </li>
          ))}
        </ol>
      </section>
      <section>
        <h3>{texts.body}</h3>
        {body === '' ? <p>{texts.emptyBody}</p> : <CodeBlock label={texts.body} code={indented(body)} wrap />}
        {isCut && <p className={styles.faint}>{texts.cut(bytes)}</p>}
      </section>
      <section className={styles.headers}>
        <h3>{texts.headers}</h3>
        <CodeBlock label={texts.headers} code={names.join('\n')} wrap />
      </section>
    </div>
  );
}

/** Returns the type of the event in a body; `null`: the body is no event. */
function eventIn(body: string): string | null {
  const type = (parsed(body) as { type?: unknown } | null)?.type;
  return typeof type === 'string' && type !== '' ? type : null;
}

/** Returns JSON with a line for each value, and anything else as it came. */
function indented(body: string): string {
  const value = parsed(body);
  return value === null ? body : JSON.stringify(value, null, 2);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
