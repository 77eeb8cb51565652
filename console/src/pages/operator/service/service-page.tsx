import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { ApiError } from '../../../api/errors.ts';
import { EmptyState, ErrorState } from '../../../components/display/notes.tsx';
import { Page, Section } from '../../../components/display/page.tsx';
import { Skeleton } from '../../../components/display/skeleton.tsx';
import { metricOf, ratesOf, type Sample, useServiceMetrics } from '../../../queries/service-metrics.ts';
import { serviceTexts as texts } from '../../../texts/service.ts';
import { OperatorsOnly } from '../operators-only.tsx';
import { ServiceNumbers } from './service-numbers.tsx';
import { TimePlot } from './time-plot.tsx';

/** The whole service at this moment, by its own metrics. */
export function ServicePage() {
  return (
    <OperatorsOnly title={texts.title}>
      <Page title={texts.title} description={texts.description}>
        <Service />
      </Page>
    </OperatorsOnly>
  );
}

function Service() {
  const { data: samples, error, refetch } = useQuery(useServiceMetrics());
  const newest = samples?.at(-1);
  if (!samples || !newest) {
    const needsToken = error instanceof ApiError && error.status === 403;
    return (
      <Section flush>
        {needsToken ? (
          <EmptyState icon={<KeyRound />} title={texts.tokenTitle} hint={texts.tokenHint} />
        ) : error ? (
          <ErrorState error={error} onRetry={refetch} />
        ) : (
          <Skeleton lines={6} />
        )}
      </Section>
    );
  }
  const times = samples.map(({ at }) => at / 1000);
  const ended = 'mediahooks_deliveries_ended_total';
  return (
    <>
      <ServiceNumbers sample={newest} />
      <TimePlot
        title={texts.rates}
        description={texts.ratesHint}
        times={times}
        series={[
          { label: texts.succeeded, colour: '--good', values: ratesOf(samples, ended, 'state="succeeded"') },
          { label: texts.failed, colour: '--bad', values: ratesOf(samples, ended, 'state="failed"') },
        ]}
      />
      <TimePlot
        title={texts.lagPlot}
        description={texts.lagHint}
        times={times}
        series={[{ label: texts.lag, colour: '--accent-text', values: samples.map(lagOf) }]}
      />
    </>
  );
}

function lagOf(sample: Sample): number | null {
  const lag = metricOf(sample, 'mediahooks_deliveries_due_lag_seconds');
  return Number.isNaN(lag) ? null : lag;
}
