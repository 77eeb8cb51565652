import { useQueries } from '@tanstack/react-query';
import { Badge } from '../../../components/display/badge.tsx';
import { Time } from '../../../components/display/time.tsx';
import { type Recovery, recoveriesQuery } from '../../../queries/webhooks.ts';
import { resendTexts as texts } from '../../../texts/deliveries.ts';
import styles from './resend.module.css';

interface Props {
  readonly started: readonly Recovery[];
  /** Names of webhooks by their ids. */
  readonly names: ReadonlyMap<string, string>;
}

/** Progress of bulk resends. Those that had nothing to send are left out. */
export function Recoveries({ started, names }: Props) {
  const answers = useQueries({ queries: started.map(({ webhook_id }) => recoveriesQuery(webhook_id)) });
  const recoveries = started.map(
    (one, index) => answers[index]?.data?.find(({ id }) => id === one.id) ?? one,
  );
  const shown = recoveries.filter(({ state, queued }) => state === 'running' || queued > 0);
  if (shown.length === 0) return <p role="status">{texts.nothing}</p>;
  return (
    <>
      <p>{texts.continues}</p>
      <ul className={styles.list} aria-label={texts.started}>
        {shown.map((recovery) => (
          <Item
            key={recovery.id}
            recovery={recovery}
            name={names.get(recovery.webhook_id) ?? recovery.webhook_id}
          />
        ))}
      </ul>
    </>
  );
}

function Item({
  recovery: { state, queued, since },
  name,
}: {
  readonly recovery: Recovery;
  readonly name: string;
}) {
  const isRunning = state === 'running';
  return (
    <li className={styles.item}>
      <strong>{name}</strong>
      <Badge tone={isRunning ? 'accent' : state === 'done' ? 'good' : 'neutral'}>
        {isRunning ? texts.running : state === 'done' ? texts.finished : texts.cancelled}
      </Badge>
      <p className="numeric" role="status">
        {texts.count(queued)} · {texts.sinceTime} <Time at={since} show="absolute" />
      </p>
    </li>
  );
}
