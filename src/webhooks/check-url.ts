import type { EgressPolicy } from '../delivery/egress/policy.ts';
import { invalidField, ServiceError } from '../domain/errors.ts';

/**
 * Checks the URL of a webhook, and returns the URL as `URL` serializes it, without a fragment. Can take
 * seconds, because the URL's host name is resolved.
 * @throws ServiceError `invalid_request` unless the text is an http or https URL without a user name and
 * password; `url_not_allowed` if the egress policy forbids the URL
 */
export async function checkUrl(text: string, egress: Pick<EgressPolicy, 'urlRefusal'>): Promise<string> {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw invalidField('url', 'expected an http or https URL');
  if (url.username !== '' || url.password !== '') {
    throw invalidField(
      'url',
      'expected no user name or password; the field `headers` can hold the header Authorization, which is stored encrypted',
    );
  }
  const refusal = await egress.urlRefusal(url);
  if (refusal !== null) {
    throw new ServiceError('url_not_allowed', `url: ${refusal}`, {
      details: [{ field: 'url', message: refusal }],
    });
  }
  // Removes the fragment, because a fragment is never sent to a server.
  url.hash = '';
  return url.href;
}
