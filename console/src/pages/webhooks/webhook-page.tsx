import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ErrorState } from '../../components/display/notes.tsx';
import { Page, Section } from '../../components/display/page.tsx';
import { Skeleton } from '../../components/display/skeleton.tsx';
import { Tabs } from '../../components/display/tabs.tsx';
import { webhookQuery } from '../../queries/webhooks.ts';
import { webhookTexts as texts } from '../../texts/webhooks.ts';
import { Checks } from './parts/checks.tsx';
import { Overview } from './parts/overview.tsx';
import { Signing } from './parts/signing.tsx';
import { WebhookActions } from './parts/webhook-actions.tsx';
import { WebhookNotes } from './parts/webhook-notes.tsx';
import { WebhookBadge } from './webhook-state.tsx';
import type { WebhookTab } from './webhook-tabs.ts';

const route = getRouteApi('/shell/webhooks/$id');

export function WebhookPage() {
  const { id } = route.useParams();
  const { tab = 'overview' } = route.useSearch();
  const navigate = useNavigate();
  const { data: webhook, error, refetch } = useQuery(webhookQuery(id));
  const back = <Link to="/webhooks">{texts.title}</Link>;
  if (!webhook) {
    return (
      <Page title={texts.webhook} back={back}>
        <Section flush>
          {error ? <ErrorState error={error} onRetry={refetch} /> : <Skeleton lines={6} />}
        </Section>
      </Page>
    );
  }
  const heading = (
    <>
      {webhook.name}
      <WebhookBadge webhook={webhook} />
    </>
  );
  const open = (value: string) =>
    navigate({
      to: '/webhooks/$id',
      params: { id },
      search: value === 'overview' ? {} : { tab: value as WebhookTab },
    });
  return (
    <Page
      title={webhook.name}
      heading={heading}
      back={back}
      description={<span className="mono">{webhook.url}</span>}
      actions={<WebhookActions webhook={webhook} />}
    >
      <WebhookNotes webhook={webhook} />
      <Tabs
        label={texts.tabList}
        value={tab}
        onChange={open}
        tabs={[
          { value: 'overview', label: texts.tabs.overview, content: <Overview webhook={webhook} /> },
          { value: 'signing', label: texts.tabs.signing, content: <Signing webhook={webhook} /> },
          { value: 'checks', label: texts.tabs.checks, content: <Checks webhook={webhook} /> },
        ]}
      />
    </Page>
  );
}
