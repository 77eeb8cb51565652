/** Explanations of refused certificates for the developer of a receiver, by the error codes of Node. */
const CERTIFICATES: Readonly<Record<string, string>> = {
  CERT_CHAIN_TOO_LONG: "the receiver's TLS certificate chain is too long",
  CERT_HAS_EXPIRED: "the receiver's TLS certificate has expired",
  CERT_NOT_YET_VALID: "the receiver's TLS certificate is not valid yet",
  CERT_REVOKED: "the receiver's TLS certificate was revoked",
  CERT_SIGNATURE_FAILURE: "the signature of the receiver's TLS certificate is wrong",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the receiver's TLS certificate is self-signed",
  ERR_TLS_CERT_ALTNAME_FORMAT: "the names in the receiver's TLS certificate are malformed",
  ERR_TLS_CERT_ALTNAME_INVALID: "the receiver's TLS certificate is for another name",
  HOSTNAME_MISMATCH: "the receiver's TLS certificate is for another name",
  INVALID_CA: "the receiver's TLS certificate was issued by a certificate that may issue none",
  INVALID_PURPOSE: "the receiver's TLS certificate is not one for servers",
  SELF_SIGNED_CERT_IN_CHAIN: "the receiver's TLS certificate was issued by an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT: "the receiver's TLS certificate was issued by an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the receiver's TLS certificate was issued by an unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the receiver's TLS certificate chain is incomplete",
};

/** Explanations of failed handshakes, by the reasons of OpenSSL. */
const HANDSHAKES: readonly (readonly [reason: RegExp, explanation: string])[] = [
  [
    /wrong version number|http request|packet length too long/,
    'the receiver does not speak TLS on this port; if it speaks plain HTTP there, the URL begins with http:',
  ],
  [
    /protocol version|unsupported protocol/,
    'the receiver speaks none of the versions of TLS that are accepted here (1.2 and newer)',
  ],
  [
    /certificate required|no certificate/,
    'the receiver demands a client certificate, which a webhook does not have',
  ],
  [/unrecognized name/, 'the receiver has no TLS certificate for this name'],
  [
    /handshake failure/,
    'the receiver refused the TLS handshake; perhaps it has no cipher in common with this service, or demands a client certificate',
  ],
  [/internal error/, 'the receiver ended the TLS handshake because of an internal error'],
];

/** Node's message if the other side closes the connection within the handshake. */
const CLOSED_WITHIN = 'Client network socket disconnected before secure TLS connection was established';

/** Returns whether an error is about TLS: the handshake or the certificate. */
export function isTlsFailure(error: Error): boolean {
  return explainTlsFailure(error) !== null;
}

/**
 * Returns one sentence that explains a failure of TLS to the developer of a receiver; `null`: the error is not
 * about TLS. OpenSSL's own message is left out, because it consists of numbers and the names of source files.
 */
export function explainTlsFailure(error: Error): string | null {
  const { code = '', reason = '' } = error as NodeJS.ErrnoException & { readonly reason?: string };
  if (error.message === CLOSED_WITHIN) return 'the receiver closed the connection within the TLS handshake';
  if (code in CERTIFICATES) return CERTIFICATES[code] ?? null;
  // OpenSSL has no code for some reasons to refuse a certificate, such as a key that is too short.
  if (code === 'UNSPECIFIED') return `the receiver's TLS certificate is not accepted (${error.message})`;
  if (code !== 'EPROTO' && !code.startsWith('ERR_SSL_')) return null;
  const known = HANDSHAKES.find(([pattern]) => pattern.test(reason));
  return known?.[1] ?? `the TLS handshake failed${reason === '' ? '' : ` (${reason})`}`;
}
