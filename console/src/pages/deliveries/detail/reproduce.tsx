import { useQuery } from '@tanstack/react-query';
import { CodeBlock } from '../../../components/display/code-block.tsx';
import type { DeliveryDetail } from '../../../queries/deliveries.ts';
import { webhookQuery } from '../../../queries/webhooks.ts';
import { detailTexts as texts } from '../../../texts/deliveries.ts';
import { curlCommands } from './curl.ts';
import styles from './detail.module.css';

/** Commands that make the same request by hand. Without an attempt, they use the present URL of the webhook. */
export function Reproduce({ delivery }: { readonly delivery: DeliveryDetail }) {
  const last = delivery.attempts.at(-1);
  const { data: webhook } = useQuery({
    ...webhookQuery(delivery.webhook_id),
    enabled: !last?.url,
    retry: false,
  });
  const commands = curlCommands(delivery, {
    url: last?.url ?? webhook?.url ?? null,
    headers: last?.headers ?? null,
  });
  if (!commands) return <p className={styles.hint}>{texts.headersUnknown}</p>;
  return (
    <div className={styles.stack}>
      <p className={styles.hint}>{texts.curlHint}</p>
      <CodeBlock code={commands} label={texts.curl} wrap />
    </div>
  );
}
