import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { frameTexts } from '../../texts/frame.ts';
import { useToast } from '../overlays/toast.tsx';
import { Button, IconButton } from './button.tsx';

/** Milliseconds for which the button says that it has copied. */
const SHOWN_MS = 2000;

interface Props {
  readonly text: string | (() => string);
  /** Name of the action, such as "Copy the id". */
  readonly label?: string;
  /** Whether the label is shown beside the icon. */
  readonly wide?: boolean;
}

export function CopyButton({ text, label = frameTexts.copy, wide = false }: Props) {
  const [copied, setCopied] = useState(false);
  const toast = useToast();
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
      setCopied(true);
    } catch {
      toast({ kind: 'bad', text: frameTexts.copyFailed });
    }
  };
  const icon = copied ? <Check /> : <Copy />;
  const shown = copied ? frameTexts.copied : label;
  return (
    <>
      {wide ? (
        <Button size="small" icon={icon} onClick={copy}>
          {shown}
        </Button>
      ) : (
        <IconButton size="small" icon={icon} label={shown} onClick={copy} />
      )}
      <span className="visually-hidden" role="status">
        {copied ? frameTexts.copied : ''}
      </span>
    </>
  );
}
