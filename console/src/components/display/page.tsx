import { type ReactNode, useEffect } from 'react';
import { frameTexts } from '../../texts/frame.ts';
import styles from './page.module.css';

interface PageProps {
  readonly title: string;
  /** Title that is shown instead of `title`, for example with a badge. */
  readonly heading?: ReactNode;
  readonly description?: ReactNode;
  /** Path of pages that lead here, or one link back. */
  readonly back?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A page with its title, which the browser's tab shows too, and its actions. */
export function Page({ title, heading, description, back, actions, children }: PageProps) {
  useEffect(() => {
    document.title = frameTexts.title(title);
  }, [title]);
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.titles}>
          {back && <div className={styles.back}>{back}</div>}
          <h1>{heading ?? title}</h1>
          {description && <div className={styles.description}>{description}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  readonly title?: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** Whether the content touches the edges, as tables do. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** Part of a page in a frame of its own. */
export function Section({ title, description, actions, flush = false, children }: SectionProps) {
  return (
    <section className={styles.section}>
      {(title || actions) && (
        <header className={styles.sectionHeader}>
          {title && (
            <div className={styles.titles}>
              <h2>{title}</h2>
              {description && <p className={styles.description}>{description}</p>}
            </div>
          )}
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      <div className={flush ? styles.flush : styles.content}>{children}</div>
    </section>
  );
}

/** Names and values. */
export function Facts({
  items,
}: {
  readonly items: readonly (readonly [name: string, value: ReactNode] | false)[];
}) {
  return (
    <dl className={styles.facts}>
      {items.map(
        (item) =>
          item && (
            <div key={item[0]}>
              <dt>{item[0]}</dt>
              <dd>{item[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
