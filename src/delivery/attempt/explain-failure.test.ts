import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerError } from '../client/answer-error.ts';
import { NameError } from '../egress/dns-resolver.ts';
import { EgressError } from '../egress/policy.ts';
import { ProxyError } from '../egress/proxy-error.ts';
import { exchangeFailureOf, explainFailure, ReceiverTimeout } from './explain-failure.ts';

function withCode(code: string): Error {
  return Object.assign(new Error('it failed'), { code });
}

test('failures are classified as timeout, connection or other', () => {
  const kinds = {
    timeout: [
      new ReceiverTimeout('late'),
      withCode('ETIMEDOUT'),
      withCode('UND_ERR_CONNECT_TIMEOUT'),
      new NameError('NAME_NOT_IN_TIME', 'a.example'),
      ProxyError.because(withCode('ETIMEDOUT')),
    ],
    connection: [
      withCode('ECONNREFUSED'),
      new NameError('NAME_NOT_FOUND', 'a.example'),
      withCode('CERT_HAS_EXPIRED'),
      withCode('ECONNRESET'),
      AnswerError.closed(),
      withCode('ERR_SSL_WRONG_VERSION_NUMBER'),
      new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]),
      ProxyError.because(withCode('UND_ERR_SOCKET')),
      // Any other failure of the proxy means that there is no connection to the receiver.
      ProxyError.because(withCode('UND_ERR_HEADERS_OVERFLOW')),
    ],
    other: [
      new EgressError('private'),
      AnswerError.malformed('its status line is malformed'),
      AnswerError.tooLarge(),
      AnswerError.switchesProtocols(),
      new Error('the service stopped'),
    ],
  };
  for (const [kind, errors] of Object.entries(kinds)) {
    for (const error of errors)
      assert.equal(exchangeFailureOf(error), kind, `${error.name} ${error.message}`);
  }
});

test("a failed exchange with the proxy is explained as the proxy's failure, not the receiver's", () => {
  const told = (code: string) => explainFailure(ProxyError.because(withCode(code)));
  assert.equal(told('ECONNREFUSED'), 'the egress proxy failed: the connection was refused');
  assert.equal(told('CERT_HAS_EXPIRED'), "the egress proxy failed: the proxy's TLS certificate has expired");
  assert.equal(told('NAME_NOT_FOUND'), "the egress proxy failed: the proxy's name does not resolve");
});

test('a certificate that is refused without a code is explained by its message', () => {
  const short = Object.assign(new Error('EE certificate key too weak'), { code: 'UNSPECIFIED' });
  assert.equal(
    explainFailure(short),
    "the receiver's TLS certificate is not accepted (EE certificate key too weak)",
  );
  assert.equal(exchangeFailureOf(short), 'connection');
});
