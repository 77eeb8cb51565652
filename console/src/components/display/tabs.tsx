import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import styles from './tabs.module.css';

interface Props {
  readonly label: string;
  readonly tabs: readonly { readonly value: string; readonly label: string; readonly content: ReactNode }[];
  /** The open tab, if the page keeps it, for example in its address. */
  readonly value?: string;
  readonly onChange?: (value: string) => void;
}

export function Tabs({ label, tabs, value, onChange }: Props) {
  const [first] = tabs;
  const controlled = value === undefined ? { defaultValue: first?.value ?? '' } : { value };
  return (
    <Radix.Root {...controlled} {...(onChange && { onValueChange: onChange })} className={styles.tabs}>
      <Radix.List aria-label={label} className={styles.list}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.value} value={tab.value} className={styles.tab}>
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className={styles.content}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
