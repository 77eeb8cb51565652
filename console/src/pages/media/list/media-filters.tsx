import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useEffect, useState } from 'react';
import { SelectField } from '../../../components/controls/field.tsx';
import { SearchField } from '../../../components/controls/search-field.tsx';
import { mediaTexts as texts } from '../../../texts/media.ts';
import type { ListSearch } from '../list-search.ts';
import styles from './media-list.module.css';

/** Filters of the list, which are kept in the address. */
export function MediaFilterBar({ filters }: { readonly filters: ListSearch }) {
  const { search = '', status = '' } = filters;
  const [text, setText] = useState(search);
  const wanted = useDeferredValue(text.trim());
  const navigate = useNavigate();
  useEffect(() => {
    if (wanted === search) return;
    const next = { ...(wanted && { search: wanted }), ...(status && { status }) };
    void navigate({ to: '/media', search: next, replace: true });
  }, [wanted, search, status, navigate]);
  const setStatus = (value: string) => {
    const next = {
      ...(search && { search }),
      ...(value && { status: value as NonNullable<ListSearch['status']> }),
    };
    void navigate({ to: '/media', search: next, replace: true });
  };
  return (
    <search className={styles.filters}>
      <SearchField label={texts.search} value={text} onChange={setText} />
      <div className={styles.status}>
        <SelectField
          label={texts.statusFilter}
          hideLabel
          value={status}
          onChange={(event) => setStatus(event.target.value)}
        >
          <option value="">{texts.anyStatus}</option>
          {Object.entries(texts.filters).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
      </div>
    </search>
  );
}
