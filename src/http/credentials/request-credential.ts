import type { FastifyRequest } from 'fastify';
import type { Credential } from '../../accounts/authenticator.ts';
import { credentialOf } from './credential-of.ts';

/** Returns the credential of a request. The console's cookie counts only without another credential. */
export function credentialIn({ headers, consoleSecret }: FastifyRequest): Credential | null {
  return (
    credentialOf(headers) ?? (consoleSecret === null ? null : { kind: 'console', secret: consoleSecret })
  );
}
