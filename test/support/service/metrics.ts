import assert from 'node:assert/strict';

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
