import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Histogram, Registry } from '@prometheus-io/client';
import { counter, countersBy, histogram, histogramsBy } from './instruments.ts';

const BUCKETS = [0.005, 0.1, 1, 300];
const OBSERVED = [0, 0.005, 0.0051, 0.1, 0.7, 1, 299.5, 300, 301, 1e6];

/** Returns what a scrape shows. */
const scrape = (registry: Registry) => registry.metrics();

test('counters and histograms are shown as the library shows its own, before the first count and after', async () => {
  const [ours, library] = [new Registry(), new Registry()];
  const one = counter(ours, { name: 'one_total', help: 'One.' });
  const by = countersBy(ours, { name: 'by_total', help: 'By.', label: 'kind', values: ['a', 'b'] });
  const single = histogram(ours, { name: 'single_seconds', help: 'Single.', buckets: BUCKETS });
  const many = histogramsBy(ours, {
    ...{ name: 'many_seconds', help: 'Many.', label: 'kind', values: ['a', 'b'] },
    buckets: BUCKETS,
  });

  const registers = [library];
  const theirOne = new Counter({ name: 'one_total', help: 'One.', registers });
  const theirBy = new Counter({ name: 'by_total', help: 'By.', labelNames: ['kind'], registers });
  const theirSingle = new Histogram({ name: 'single_seconds', help: 'Single.', buckets: BUCKETS, registers });
  const theirMany = new Histogram({
    ...{ name: 'many_seconds', help: 'Many.', labelNames: ['kind'] },
    ...{ buckets: BUCKETS, registers },
  });
  for (const kind of ['a', 'b']) {
    theirBy.inc({ kind }, 0);
    theirMany.zero({ kind });
  }
  assert.equal(await scrape(ours), await scrape(library));

  one.inc();
  theirOne.inc();
  by.b.inc(41);
  theirBy.inc({ kind: 'b' }, 41);
  for (const value of OBSERVED) {
    single.observe(value);
    theirSingle.observe(value);
    many.a.observe(value);
    theirMany.observe({ kind: 'a' }, value);
  }
  assert.equal(await scrape(ours), await scrape(library));
  assert.equal(await scrape(ours), await scrape(ours), 'a scrape changes nothing');
});

test('what is not a count is refused', () => {
  const registry = new Registry();
  const one = counter(registry, { name: 'one_total', help: 'One.' });
  const single = histogram(registry, { name: 'single_seconds', help: 'Single.', buckets: BUCKETS });
  for (const by of [-1, Number.NaN]) assert.throws(() => one.inc(by), TypeError);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => single.observe(value), TypeError);
  }
});
