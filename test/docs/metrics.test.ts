import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_DUE } from '../../src/domain/due.ts';
import { registerGauges } from '../../src/observability/gauges.ts';
import { Metrics } from '../../src/observability/metrics.ts';
import { ProcessMetrics } from '../../src/observability/process-metrics.ts';
import { tableRows } from '../support/docs/documentation.ts';

/** Registers every metric of a service, over parts that do nothing. */
function registered() {
  const metrics = new Metrics();
  new ProcessMetrics(metrics);
  registerGauges(metrics, {
    sender: { inFlight: 0 },
    dispatcher: { buffered: 0, circuits: { counts: { open: 0, halfOpen: 0 } }, throttled: [] },
    publisher: { waiting: 0 },
    pipeline: { encoders: { running: 0, waiting: 0 } },
    storage: {
      queue: { due: async () => ({ sendable: NO_DUE, paused: NO_DUE, throttled: NO_DUE, after: null }) },
    },
    readiness: { refusal: async () => null },
    steadyNow: Date.now,
  });
  return metrics.registry;
}

/** Returns the label that distinguishes a metric's samples, except that of a histogram's buckets. */
function labelOf(values: readonly { labels: object }[]): string | null {
  const labels = new Set(values.flatMap((value) => Object.keys(value.labels)));
  labels.delete('le');
  assert.ok(labels.size <= 1);
  return [...labels][0] ?? null;
}

test('docs/operating/metrics.md lists every metric with its type and help, and no other', async () => {
  const rows = await tableRows('operating/metrics.md', /^\| `(mediahooks|process|nodejs)_/);
  const expected = (await registered().getMetricsAsJSON()).map(({ name, help, type, values }) => {
    const label = labelOf(values as { labels: object }[]);
    return [`\`${name}\``, label === null ? type : `${type} by \`${label}\``, help];
  });
  assert.deepEqual(rows.map((row) => row.slice(0, 3)).toSorted(), expected.toSorted());
  for (const row of rows) assert.ok((row[3]?.length ?? 0) > 0, `${row[0]} has no advice`);
});

test('names end in their unit, or in _total for counters', async () => {
  const units = /_(total|seconds|bytes|size)$/;
  const counted = /_(running|waiting|held|due|in_flight|open|ready)$/;
  for (const { name, type } of await registered().getMetricsAsJSON()) {
    assert.match(name, String(type) === 'gauge' ? new RegExp(`${units.source}|${counted.source}`) : units);
    assert.equal(name.endsWith('_total'), String(type) === 'counter', name);
  }
});
