import { Search } from 'lucide-react';
import styles from './search-field.module.css';

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function SearchField({ label, value, onChange }: Props) {
  return (
    <label className={styles.search}>
      <Search />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        maxLength={255}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
