import type { EgressPolicy } from '../delivery/egress/policy.ts';
import { invalidField, ServiceError } from '../domain/errors.ts';

/**
 * Checks the URL of a webhook, and returns it in its normal form. Resolving its name may take seconds.
 * @throws ServiceError `invalid_request` unless it is a plain http or https URL; `url_not_allowed` when webhooks may
 * not be sent there
 */
export async function checkUrl(text: string, egress: Pick<EgressPolicy, 'urlRefusal'>): Promise<string> {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw invalidField('url', 'expected an http or https URL');
  if (url.username !== '' || url.password !== '') {
    throw invalidField('url', 'expected no user name or password; verify the signature instead');
  }
  const refusal = await egress.urlRefusal(url);
  if (refusal !== null) {
    throw new ServiceError('url_not_allowed', `url: ${refusal}`, {
      details: [{ field: 'url', message: refusal }],
    });
  }
  // A fragment is never sent.
  url.hash = '';
  return url.href;
}
