import { CopyButton } from '../controls/copy-button.tsx';
import styles from './code-block.module.css';

interface Props {
  readonly code: string;
  /** Name of the code for screen readers. */
  readonly label: string;
  readonly wrap?: boolean;
}

/** Code or a payload as text, never as markup, ready to copy. */
export function CodeBlock({ code, label, wrap = false }: Props) {
  return (
    <figure className={styles.block} aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: people who use the keyboard scroll it */}
      <pre className={wrap ? styles.wrap : ''} tabIndex={0}>
        <code>{code}</code>
      </pre>
      <div className={styles.copy}>
        <CopyButton text={code} />
      </div>
    </figure>
  );
}
