import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curlCommands } from '../../console/src/pages/deliveries/detail/curl.ts';
import { diagnose, explainAttempt } from '../../console/src/pages/deliveries/explain.ts';
import { formatDelays, parseDelays } from '../../console/src/queries/retry-delays.ts';
import { otherExplanation } from '../../console/src/texts/explanations.ts';
import { explainFailure } from '../../src/delivery/attempt/explain-failure.ts';
import { failureReason } from '../../src/delivery/attempt/make-attempt.ts';
import { EgressError, HOST_REFUSED } from '../../src/delivery/egress/policy.ts';
import { ProxyError } from '../../src/delivery/egress/proxy-error.ts';

const withCode = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });

/** Failures of attempts without a whole answer, one of each kind that the service tells apart. */
const FAILURES: readonly Error[] = [
  ...['EADDRNOTAVAIL', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'ETIMEDOUT'].map(
    (code) => withCode(code),
  ),
  ...['NAME_NOT_FOUND', 'NAME_NOT_IN_TIME', 'NAME_SERVER_UNREACHABLE', 'NAME_SERVER_FAILED'].map((code) =>
    withCode(code),
  ),
  ...['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_SOCKET'].map((code) => withCode(code)),
  ...[
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'HOSTNAME_MISMATCH',
    'INVALID_CA',
  ].map((code) => withCode(code)),
  ...[
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_REVOKED',
    'CERT_CHAIN_TOO_LONG',
  ].map((code) => withCode(code)),
  ...[
    'wrong version number',
    'unsupported protocol',
    'certificate required',
    'unrecognized name',
    'handshake failure',
    'internal error',
  ].map((reason) => withCode('EPROTO', { reason })),
  new EgressError(HOST_REFUSED),
  new EgressError('the port 22 is not one that webhooks may use'),
  new EgressError('http is not allowed here; it must be https'),
  new ProxyError('connection', 'the egress proxy refused to connect to the receiver (it answered 403)'),
  new Error('the receiver did not answer within 10 s'),
  Object.assign(new Error('bad head'), { name: 'HTTPParserError' }),
];

test('each failure that the service tells apart is explained, with something to do', () => {
  const unexplained = FAILURES.map(explainFailure).filter(
    (error) => explainAttempt(null, error) === otherExplanation,
  );
  assert.deepEqual(unexplained, []);
});

test('each status that is no 2xx is explained, with something to do', () => {
  for (let status = 300; status < 600; status += 1) {
    const exchange = { status, error: null, response: '' } as Parameters<typeof failureReason>[0];
    const { title, steps } = explainAttempt(status, failureReason(exchange) ?? '');
    assert.notEqual(title, otherExplanation.title, String(status));
    assert.ok(steps.length > 0, String(status));
  }
});

test('an answer that broke off is explained by the break, and not by its status', () => {
  assert.equal(
    explainAttempt(200, explainFailure(withCode('ECONNRESET'))).title,
    'The receiver closed the connection',
  );
});

test('every state and every reason to wait is explained', () => {
  const facts = { last_status: null, last_error: null };
  for (const state of ['succeeded', 'failed', 'cancelled'] as const)
    assert.ok(diagnose({ ...facts, state, pending_reason: null }).title);
  for (const pending_reason of ['sending', 'paused', 'circuit', 'lane', 'schedule', 'queued'] as const)
    assert.ok(diagnose({ ...facts, state: 'pending', pending_reason }).cause);
});

test('nothing of a payload, a URL or a header is executed by the shell that runs the commands', () => {
  const commands = curlCommands(
    { event_id: 'event-1', body: `{"title":"'; rm x; '$(id)\`id\`"}` },
    {
      url: `https://example.com/'$(id)`,
      headers: { 'x-$(id)`id`': '********', 'x-plain': `a'$(id)`, 'webhook-signature': 'v1,********' },
    },
  );
  assert.match(commands ?? '', /body='\{"title":"'\\''; rm x; '\\''\$\(id\)`id`"\}'/);
  assert.match(commands ?? '', /'https:\/\/example\.com\/'\\''\$\(id\)'/);
  assert.match(commands ?? '', /-H "x-\\\$\(id\)\\`id\\`: \$X___ID__ID_"/);
  assert.match(commands ?? '', /-H 'x-plain: a'\\''\$\(id\)'/);
});

test('delays are read with and without units, and written as they can be read again', () => {
  assert.deepEqual(parseDelays('5, 1m;2h 1d'), [5, 60, 7200, 86_400]);
  assert.deepEqual(parseDelays(''), []);
  for (const text of ['5x', '-1', '31d', Array(21).fill('1').join(',')])
    assert.equal(parseDelays(text), null, text);
  const delays = [0.5, 5, 90, 3600, 172_800];
  assert.deepEqual(parseDelays(formatDelays(delays)), delays);
});
