import { X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { frameTexts } from '../../texts/frame.ts';
import { IconButton } from '../controls/button.tsx';
import styles from './toast.module.css';

export interface Message {
  readonly kind?: 'good' | 'bad';
  /** News as a whole sentence. */
  readonly text: string;
}

interface Shown extends Message {
  readonly id: number;
}

const ToastContext = createContext<(message: Message) => void>(() => {});

/** Returns a function that shows a message for some seconds, and reads it to screen readers. */
export function useToast(): (message: Message) => void {
  return useContext(ToastContext);
}

let lastId = 0;

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [messages, setMessages] = useState<readonly Shown[]>([]);
  const show = useCallback((message: Message) => {
    lastId += 1;
    const shown = { ...message, id: lastId };
    setMessages((others) => [...others.slice(-2), shown]);
  }, []);
  const remove = (id: number) => setMessages((others) => others.filter((other) => other.id !== id));
  return (
    <ToastContext value={show}>
      <Radix.Provider label={frameTexts.notifications} duration={6000}>
        {children}
        {messages.map(({ id, kind = 'good', text }) => (
          <Radix.Root
            key={id}
            className={`${styles.toast} ${styles[kind]}`}
            onOpenChange={(open) => open || remove(id)}
          >
            <Radix.Description>{text}</Radix.Description>
            <Radix.Close asChild>
              <IconButton icon={<X />} label={frameTexts.dismiss} size="small" />
            </Radix.Close>
          </Radix.Root>
        ))}
        <Radix.Viewport className={styles.viewport} />
      </Radix.Provider>
    </ToastContext>
  );
}
