import { useState } from 'react';
import { Segmented } from '../../../components/controls/segmented.tsx';
import { CodeBlock } from '../../../components/display/code-block.tsx';
import type { DeliveryDetail } from '../../../queries/deliveries.ts';
import { detailTexts as texts } from '../../../texts/deliveries.ts';
import styles from './detail.module.css';

const FORMS = [
  { value: 'pretty', label: texts.pretty },
  { value: 'raw', label: texts.raw },
] as const;

/** Body of the requests: indented for people, or byte for byte as it was sent and signed. */
export function Payload({ delivery: { body } }: { readonly delivery: DeliveryDetail }) {
  const [form, setForm] = useState<(typeof FORMS)[number]['value']>('pretty');
  return (
    <div className={styles.stack}>
      <Segmented label={texts.form} value={form} options={FORMS} onChange={setForm} />
      <CodeBlock code={form === 'raw' ? body : indented(body)} label={texts.payload} wrap />
    </div>
  );
}

function indented(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
