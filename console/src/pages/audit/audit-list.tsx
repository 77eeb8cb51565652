import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ScrollText, Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { SelectField } from '../../components/controls/field.tsx';
import { EmptyState, ErrorState } from '../../components/display/notes.tsx';
import { Section } from '../../components/display/page.tsx';
import { Pager } from '../../components/display/pager.tsx';
import { Skeleton } from '../../components/display/skeleton.tsx';
import { Table } from '../../components/display/table.tsx';
import { AUDIT_PAGE_SIZE, type AuditRequest, auditQuery } from '../../queries/audit.ts';
import { auditTexts as texts } from '../../texts/audit.ts';
import { AUDIT_COLUMNS } from './audit-columns.tsx';

interface Props {
  /** Path of the page that shows the list, and what of its address stays when one turns the pages. */
  readonly path: string;
  readonly search: Readonly<Record<string, unknown>>;
  readonly request: AuditRequest;
  /** Title and description of the list, if those of the page do not say the same. */
  readonly title?: string;
  readonly description?: ReactNode;
}

/** Records of the audit log, the newest first. */
export function AuditList({ path, search, request, title, description }: Props) {
  const { data, error, refetch } = useQuery(auditQuery(request));
  const navigate = useNavigate();
  const { action, page } = request;
  const choose = (wanted: string) => {
    const { action: _, ...others } = search;
    // Each page with this list knows `action`, which the type of a path that is only known here does not say.
    void navigate({ to: path, search: (wanted ? { ...others, action: wanted } : others) as never });
  };
  const filter = (
    <SelectField
      label={texts.filter}
      hideLabel
      value={action ?? ''}
      onChange={(event) => choose(event.target.value)}
    >
      <option value="">{texts.allActions}</option>
      {Object.entries(texts.actions).map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </SelectField>
  );
  return (
    <Section flush title={title} description={description} actions={filter}>
      {data ? (
        data.audit_records.length === 0 ? (
          <Nothing isFiltered={action !== undefined} />
        ) : (
          <>
            <Table
              caption={texts.title}
              columns={AUDIT_COLUMNS[request.scope]}
              rows={data.audit_records}
              rowKey={({ id }) => id}
            />
            <Pager {...{ page, search }} to={path} size={AUDIT_PAGE_SIZE} total={data.total} />
          </>
        )
      ) : error ? (
        <ErrorState error={error} onRetry={refetch} />
      ) : (
        <Skeleton lines={8} />
      )}
    </Section>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered)
    return <EmptyState icon={<Search />} title={texts.nothingFoundTitle} hint={texts.nothingFoundHint} />;
  return <EmptyState icon={<ScrollText />} title={texts.emptyTitle} hint={texts.emptyHint} />;
}
