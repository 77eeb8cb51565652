import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../../../src/platform/testing/eventually.ts';

/**
 * Values of the samples of a scrape, by the text that precedes the value: `name` or `name{label="value"}`.
 */
export type Samples = ReadonlyMap<string, number>;

/** Reads the metrics of the service, and asserts that they are in Prometheus's text format. */
export async function scrape(url: string, headers: Record<string, string> = {}): Promise<Samples> {
  const response = await fetch(`${url}/metrics`, { headers });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  return samplesOf(await response.text());
}

/**
 * Waits until a scrape has these samples, and asserts that it has. The service counts something after it is committed,
 * so that an answer to a test can show it before the metrics do. Returns all samples of the scrape.
 */
export async function untilSamples(
  url: string,
  expected: Readonly<Record<string, number>>,
): Promise<Samples> {
  let samples: Samples = new Map();
  const found = () => Object.fromEntries(Object.keys(expected).map((name) => [name, samples.get(name)]));
  await eventually('the samples are as expected', async () => {
    samples = await scrape(url);
    return isDeepStrictEqual(found(), expected);
  }).catch(() => assert.deepEqual(found(), expected));
  return samples;
}

export function samplesOf(text: string): Samples {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const found = /^(\w+(?:\{.*\})?) (\S+)$/.exec(line);
    assert.ok(found?.[1] && found[2], `no sample: ${line}`);
    samples.set(found[1], found[2] === 'Nan' ? Number.NaN : Number(found[2]));
  }
  return samples;
}
