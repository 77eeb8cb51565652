import { Plus, Trash2 } from 'lucide-react';
import { Button, IconButton } from '../../../components/controls/button.tsx';
import { TextField } from '../../../components/controls/field.tsx';
import { formTexts as texts } from '../../../texts/webhook-form.ts';
import styles from './form.module.css';
import type { HeaderRow } from './webhook-form-state.ts';

/** Maximum number of headers that the service accepts. */
const MAX_HEADERS = 10;

interface Props {
  readonly rows: readonly HeaderRow[];
  readonly fault: string | undefined;
  readonly onChange: (rows: readonly HeaderRow[]) => void;
}

export function HeaderRows({ rows, fault, onChange }: Props) {
  const change = (key: number, changes: Partial<HeaderRow>) =>
    onChange(rows.map((row) => (row.key === key ? { ...row, ...changes } : row)));
  const add = () => {
    const key = Math.max(-1, ...rows.map((row) => row.key)) + 1;
    onChange([...rows, { key, name: '', value: '', isKept: false }]);
  };
  return (
    <div className={styles.headers}>
      <div>
        <h3>{texts.headers}</h3>
        <p className={styles.hint}>{texts.headersHint}</p>
      </div>
      {rows.map((row) => (
        <div key={row.key} className={styles.headerRow}>
          <TextField
            label={texts.headerName}
            hideLabel
            placeholder={texts.headerName}
            value={row.name}
            // A stored value belongs to its name.
            onChange={({ target }) => change(row.key, { name: target.value, isKept: false })}
          />
          <TextField
            label={texts.headerValue}
            hideLabel
            placeholder={row.isKept ? texts.keptValue : texts.headerValue}
            value={row.value}
            onChange={({ target }) => change(row.key, { value: target.value })}
          />
          <IconButton
            icon={<Trash2 />}
            label={texts.removeHeader(row.name)}
            onClick={() => onChange(rows.filter(({ key }) => key !== row.key))}
          />
        </div>
      ))}
      {fault && (
        <p role="alert" className={styles.fault}>
          {fault}
        </p>
      )}
      {rows.length < MAX_HEADERS && (
        <Button size="small" icon={<Plus />} onClick={add}>
          {texts.addHeader}
        </Button>
      )}
    </div>
  );
}
