import fc from 'fast-check';
import type { Operation, Parameter, Schema } from './described-api.ts';
import { type Draft, Raw } from './draft.ts';
import { type Kind, Known, known } from './known.ts';
import { anyText, fitting, junk } from './values.ts';

/** Paths and queries, valid and invalid. */

/** Names in paths, mostly of objects that exist. */
export function pathOf({ path }: Operation, parameters: readonly Parameter[]): fc.Arbitrary<Draft['path']> {
  const values = parameters.map(({ name, schema }) => [name, pathValue(path, name, schema)] as const);
  // A link and its media are chosen together.
  return fc.record(Object.fromEntries(values));
}

function pathValue(path: string, name: string, schema: Schema): fc.Arbitrary<unknown> {
  if (name === 'file') return FILE;
  if (name === 'token')
    return fc.oneof(
      { weight: 6, arbitrary: fc.constant(new Known('link', 0)) },
      fc.constant(new Known('expired link', 0)),
    );
  if (name !== 'id') return fitting(schema, name);
  if (path.includes('{token}')) return fc.constant(new Known('private media', 0));
  const [kind, others] = kindOf(path);
  return fc.oneof(
    { weight: 30, arbitrary: known(kind) },
    ...others.map((other) => ({ weight: 2, arbitrary: known(other) })),
    fc.uuid(),
  );
}

function kindOf(path: string): [Kind, Kind[]] {
  if (path.startsWith('/assets') || path.startsWith('/player'))
    return ['encoded media', ['media', 'removed']];
  if (path.startsWith('/api/webhooks')) return ['webhook', ['removed', 'media']];
  if (path.startsWith('/api/deliveries')) return ['delivery', ['webhook']];
  if (path.startsWith('/api/media')) return ['media', ['removed', 'encoded media']];
  if (path.startsWith('/api/api_keys')) return ['api key', ['removed']];
  if (path.startsWith('/api/inboxes')) return ['inbox', ['removed', 'webhook']];
  return ['account', ['actor']];
}

const FILE = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...['hls/master.m3u8', 'hls/144p/playlist.m3u8', 'hls/144p/segment-0.ts', 'thumbnail.jpg', 'source'],
      ...[
        'download.mp4',
        'dash/manifest.mpd',
        'dash',
        'hls/',
        '.',
        '../source',
        '..%2f..%2f',
        './hls/./master.m3u8',
      ],
    ),
  },
  anyText,
);

/** Segments of paths that name nothing, or are invalid. */
const BAD_SEGMENT = fc.oneof(
  anyText.filter((text) => text !== ''),
  fc.constantFrom(
    ...['%', '%zz', '%ff', '%00', '%2e%2e', '..', '.', '%c0%af', '%F0%9F', ';', ':', '*'].map(
      (text) => new Raw(text),
    ),
  ),
  fc.integer({ min: 90, max: 400 }).map((length) => 'a'.repeat(length)),
  fc.uuid().map((id) => id.toUpperCase()),
);

export function spoiltPathOf(
  operation: Operation,
  parameters: readonly Parameter[],
): fc.Arbitrary<Draft['path']> {
  const good = pathOf(operation, parameters);
  if (parameters.length === 0) return good;
  const bad = fc.record(Object.fromEntries(parameters.map(({ name }) => [name, BAD_SEGMENT])), {
    requiredKeys: [],
  });
  return fc.tuple(good, bad).map(([path, change]) => ({ ...path, ...change }));
}

export function fittingQuery(parameters: readonly Parameter[]): fc.Arbitrary<Draft['query']> {
  const values = parameters.map(({ name, schema }) => [name, fitting(schema, name)] as const);
  const requiredKeys = parameters.filter(({ required }) => required).map(({ name }) => name);
  return fc.record(Object.fromEntries(values), { requiredKeys }).map((query) => Object.entries(query));
}

export function spoiltQuery(parameters: readonly Parameter[]): fc.Arbitrary<Draft['query']> {
  const names = fc.oneof(fc.constantFrom('x', ...parameters.map(({ name }) => name)), anyText);
  const value = fc.oneof(
    junk,
    fc.constantFrom<unknown[]>(new Raw('%zz'), new Raw('a&a=b'), 'Infinity', '1e3', '0x10'),
  );
  const extra = fc.array(fc.tuple(names, value), { minLength: 1, maxLength: 4 });
  return fc.tuple(fittingQuery(parameters), extra).map((parts) => parts.flat() as Draft['query']);
}
