import fc from 'fast-check';
import { CONSOLE_HEADERS } from '../support/service/console-browser.ts';
import { bodiesOf } from './bodies.ts';
import type { Operation } from './described-api.ts';
import type { Draft, DraftBody } from './draft.ts';
import { fittingQuery, pathOf, spoiltPathOf, spoiltQuery } from './paths-and-queries.ts';

/** Drafts of requests for one operation, of which about half fit its description. */
export function draftsOf(operation: Operation): fc.Arbitrary<Draft> {
  const path = operation.parameters.filter((parameter) => parameter.in === 'path');
  const query = operation.parameters.filter((parameter) => parameter.in === 'query');
  const bodies = bodiesOf(operation);
  const fitting = {
    actor: GOOD_ACTOR,
    path: pathOf(operation, path),
    query: fittingQuery(query),
    body: bodies.good,
  };
  const good = draft(operation, fitting);
  const spoiltBody = draft(operation, { ...fitting, body: bodies.bad });
  const spoiltPathAndQuery = draft(operation, {
    ...fitting,
    path: spoiltPathOf(operation, path),
    query: spoiltQuery(query),
  });
  const otherActor = draft(operation, {
    ...fitting,
    actor: ANY_ACTOR,
    method: fc.oneof({ weight: 5, arbitrary: fc.constant(operation.method) }, OTHER_METHOD),
  });
  return fc.oneof(
    { weight: 50, arbitrary: good },
    { weight: 22, arbitrary: spoiltBody },
    { weight: 16, arbitrary: spoiltPathAndQuery },
    { weight: 12, arbitrary: otherActor },
  );
}

const GOOD_ACTOR = fc.oneof(
  { weight: 8, arbitrary: fc.constant('operator' as const) },
  fc.constant('operator token' as const),
);
const ANY_ACTOR = fc.constantFrom('operator', 'other account', 'upload key', 'nobody', 'stranger', 'forger');
const OTHER_METHOD = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE');

interface Parts {
  readonly actor: fc.Arbitrary<Draft['actor']>;
  readonly path: fc.Arbitrary<Draft['path']>;
  readonly query: fc.Arbitrary<Draft['query']>;
  readonly body: fc.Arbitrary<DraftBody | null>;
  readonly method?: fc.Arbitrary<string>;
}

function draft(
  operation: Operation,
  { method = fc.constant(operation.method), ...parts }: Parts,
): fc.Arbitrary<Draft> {
  return fc.record({
    template: fc.constant(operation.path),
    method,
    ...parts,
    headers: headersOf(operation),
  });
}

/** Headers that any request may have. For files, these are headers that ask for a range or for changes. */
function headersOf({ path }: Operation): fc.Arbitrary<Draft['headers']> {
  const visible = fc.stringMatching(/^[!-~]{1,200}$/);
  const site = fc.constantFrom('same-origin', 'same-site', 'cross-site', 'none');
  const origin = fc.constantFrom('null', 'https://another.example');
  const fields = {
    ...{ 'x-request-id': visible, accept: visible, 'accept-encoding': visible, cookie: visible },
    ...{ 'sec-fetch-site': site, origin },
  };
  const any = fc.record(fields, { requiredKeys: [] });
  const none = fc.constant({});
  if (path.startsWith('/api/console/'))
    return fc.oneof({ weight: 6, arbitrary: fc.constant(CONSOLE_HEADERS) }, any);
  if (!path.startsWith('/assets')) return fc.oneof({ weight: 6, arbitrary: none }, any);
  const span = fc.tuple(fc.nat(3_000), fc.nat(3_000)).map(([from, to]) => `bytes=${from}-${to}`);
  const range = fc.oneof(
    span,
    visible,
    fc.constantFrom('bytes=0-0', 'bytes=-1', 'bytes=9999999-', 'bytes=0-1,3-4'),
  );
  const when = fc.constantFrom('*', 'W/"x"', 'Thu, 01 Jan 2099 00:00:00 GMT', 'no time');
  const conditions = { 'if-none-match': when, 'if-modified-since': when, 'if-match': when, 'if-range': when };
  return fc.oneof(
    none,
    range.map((text) => ({ range: text })),
    fc.record({ range, ...conditions }, { requiredKeys: [] }),
    any,
  );
}
