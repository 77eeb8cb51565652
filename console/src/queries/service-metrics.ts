import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { ApiError, errorOf, UNREACHABLE } from '../api/errors.ts';

/** Milliseconds between two samples. */
const SAMPLE_MS = 5000;
/** Maximum number of samples that are kept: those of ten minutes. */
const MOST_SAMPLES = 120;

/** Values of the service's metrics at one time, by their names with labels, as Prometheus writes them. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly values: ReadonlyMap<string, number>;
}

const SERVICE_METRICS = ['service-metrics'] as const;

/** Returns a query whose data are the samples since the page was opened, oldest first. */
export function useServiceMetrics() {
  const queryClient = useQueryClient();
  return queryOptions({
    queryKey: SERVICE_METRICS,
    queryFn: async ({ signal }): Promise<readonly Sample[]> => {
      const sample = await readSample(signal);
      const earlier = queryClient.getQueryData<readonly Sample[]>(SERVICE_METRICS) ?? [];
      return [...earlier, sample].slice(-MOST_SAMPLES);
    },
    refetchInterval: SAMPLE_MS,
    staleTime: 0,
    structuralSharing: false,
  });
}

async function readSample(signal: AbortSignal): Promise<Sample> {
  const response = await fetch('/metrics', { signal, credentials: 'omit' }).catch((cause) => {
    throw signal.aborted ? cause : new ApiError(UNREACHABLE, { cause });
  });
  if (!response.ok) {
    const error = errorOf(await response.json().catch(() => null), response);
    // The metrics may need a token of their own. The session has not ended, which 401 would mean elsewhere.
    throw response.status === 401 ? new ApiError({ ...error, message: error.message, status: 403 }) : error;
  }
  return { at: Date.now(), values: parseMetrics(await response.text()) };
}

/** Returns the values in Prometheus's text format. */
export function parseMetrics(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

/** Returns the sum of the values of a metric whose labels have a text. @param label such as `state="failed"` */
export function metricOf({ values }: Sample, name: string, label = ''): number {
  let sum = 0;
  for (const [key, value] of values) {
    const isMeant = key === name || key.startsWith(`${name}{`);
    if (isMeant && key.includes(label)) sum += value;
  }
  return sum;
}

/** Returns how much a counter grew in a second, between each sample and the one before it; `null` for the first one, and after a restart. */
export function ratesOf(samples: readonly Sample[], name: string, label = ''): (number | null)[] {
  return samples.map((sample, index) => {
    const before = samples[index - 1];
    if (!before) return null;
    const growth = metricOf(sample, name, label) - metricOf(before, name, label);
    return growth < 0 ? null : growth / ((sample.at - before.at) / 1000);
  });
}
