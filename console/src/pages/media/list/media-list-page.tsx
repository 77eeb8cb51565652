import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Film, Search, Upload } from 'lucide-react';
import { Button, buttonClass } from '../../../components/controls/button.tsx';
import { EmptyState, ErrorState } from '../../../components/display/notes.tsx';
import { Page, Section } from '../../../components/display/page.tsx';
import { Pager } from '../../../components/display/pager.tsx';
import { Skeleton } from '../../../components/display/skeleton.tsx';
import { Table } from '../../../components/display/table.tsx';
import { type ListedMedia, mediaListQuery, PAGE_SIZE } from '../../../queries/media.ts';
import { mediaTexts as texts } from '../../../texts/media.ts';
import { UploadArea } from '../upload/upload-area.tsx';
import { UploadList } from '../upload/upload-list.tsx';
import { MEDIA_COLUMNS } from './media-columns.tsx';
import { MediaFilterBar } from './media-filters.tsx';

export function MediaListPage() {
  return (
    <UploadArea>
      {(choose) => (
        <Page
          title={texts.title}
          description={texts.description}
          actions={
            <Button kind="primary" icon={<Upload />} onClick={choose}>
              {texts.upload}
            </Button>
          }
        >
          <UploadList />
          <List onUpload={choose} />
        </Page>
      )}
    </UploadArea>
  );
}

function List({ onUpload }: { readonly onUpload: () => void }) {
  const { page = 1, ...filters } = getRouteApi('/shell/media').useSearch();
  const { data, error, refetch } = useQuery(mediaListQuery(filters, page));
  const isFiltered = Object.keys(filters).length > 0;
  if (data?.total === 0 && !isFiltered) return <Empty onUpload={onUpload} />;
  return (
    <Section flush actions={<MediaFilterBar filters={filters} />}>
      {data ? (
        <>
          <Found media={data.media} />
          <Pager to="/media" page={page} size={PAGE_SIZE} total={data.total} search={filters} />
        </>
      ) : error ? (
        <ErrorState error={error} onRetry={refetch} />
      ) : (
        <Skeleton lines={6} />
      )}
    </Section>
  );
}

function Empty({ onUpload }: { readonly onUpload: () => void }) {
  const action = (
    <Button kind="primary" icon={<Upload />} onClick={onUpload}>
      {texts.upload}
    </Button>
  );
  return (
    <Section flush>
      <EmptyState icon={<Film />} title={texts.emptyTitle} hint={texts.emptyHint} action={action} />
    </Section>
  );
}

function Found({ media }: { readonly media: readonly ListedMedia[] }) {
  if (media.length > 0)
    return <Table caption={texts.title} columns={MEDIA_COLUMNS} rows={media} rowKey={({ id }) => id} />;
  const clear = (
    <Link to="/media" search={{}} className={buttonClass()}>
      {texts.clear}
    </Link>
  );
  return <EmptyState icon={<Search />} title={texts.noMatchTitle} hint={texts.noMatchHint} action={clear} />;
}
