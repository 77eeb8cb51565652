import type { IncomingHttpHeaders } from 'node:http';
import type { Credential } from '../../accounts/authenticator.ts';

/**
 * Returns the first credential in the headers of a request: a bearer token, Basic credentials, or the two headers
 * of an API key. Empty credentials count as absent, because public clients of the AIOZ Stream API send them.
 */
export function credentialOf(headers: IncomingHttpHeaders): Credential | null {
  return (
    credentialIn(headers.authorization) ?? keyPair(headers['stream-public-key'], headers['stream-secret-key'])
  );
}

/** Returns the credential in a header `Authorization`; `null`: it has no credential, or an empty one. */
export function credentialIn(authorization = ''): Credential | null {
  const { scheme, value } = schemeAndValue(authorization);
  if (scheme === 'bearer' && value !== '') return { kind: 'token', token: value };
  return scheme === 'basic' ? basicPair(value) : null;
}

function schemeAndValue(header: string): { scheme: string; value: string } {
  const [scheme = '', ...rest] = header.trim().split(/\s+/);
  return { scheme: scheme.toLowerCase(), value: rest.join(' ') };
}

function basicPair(value: string): Credential | null {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? null : keyPair(text.slice(0, colon), text.slice(colon + 1));
}

function keyPair(publicKey: unknown, secretKey: unknown): Credential | null {
  if (typeof publicKey !== 'string' || typeof secretKey !== 'string') return null;
  if (publicKey === '' || secretKey === '') return null;
  return { kind: 'api-key', publicKey, secretKey };
}
