import { useQuery } from '@tanstack/react-query';
import { ErrorState } from '../../components/display/notes.tsx';
import { Page, Section } from '../../components/display/page.tsx';
import { Skeleton } from '../../components/display/skeleton.tsx';
import { webhooksQuery } from '../../queries/webhooks.ts';
import { overviewTexts as texts } from '../../texts/overview.ts';
import { Attention } from './attention.tsx';
import { FirstSteps } from './first-steps.tsx';
import { LatestDeliveries } from './latest-deliveries.tsx';
import { Numbers } from './numbers.tsx';
import styles from './overview.module.css';

/** Maximum number of webhooks whose states are looked at. An account may have many more. */
const LOOKED_AT = 100;

/** Start page of an account. */
export function OverviewPage() {
  const { data, error, refetch } = useQuery(webhooksQuery({ search: '', offset: 0, limit: LOOKED_AT }));
  if (!data) {
    return (
      <Page title={texts.title} description={texts.description}>
        <Section flush>
          {error ? <ErrorState error={error} onRetry={refetch} /> : <Skeleton lines={6} />}
        </Section>
      </Page>
    );
  }
  const { webhooks, total } = data;
  if (total === 0) {
    return (
      <Page title={texts.title} description={texts.description}>
        <FirstSteps />
      </Page>
    );
  }
  return (
    <Page title={texts.title} description={texts.description}>
      <Numbers webhooks={webhooks} total={total} />
      <div className={styles.parts}>
        <Attention webhooks={webhooks} />
        <LatestDeliveries />
      </div>
    </Page>
  );
}
