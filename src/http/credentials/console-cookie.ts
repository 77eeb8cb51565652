/** A cookie's secret and how long it lasts; the secret `null`: the cookie is removed. */
interface Cookie {
  readonly secret: string | null;
  readonly maxAgeS: number;
}

export interface CookieRules {
  /** Whether browsers reach the service by https. */
  readonly isSecure: boolean;
  /** Whether pages of other sites may show the console in a frame. */
  readonly isEmbedded: boolean;
}

/**
 * Returns the name of the console's cookie. Browsers accept a name that begins with `__Host-` only from this host itself, and
 * only over https, so that neither a sibling host nor somebody on the network can set the cookie.
 */
function nameOf(isSecure: boolean): string {
  return isSecure ? '__Host-mediahooks' : 'mediahooks';
}

/** Returns the secret in the header `Cookie` of a request; `null`: it has none. */
export function consoleSecretIn(header: string | undefined, isSecure: boolean): string | null {
  if (header === undefined) return null;
  const start = `${nameOf(isSecure)}=`;
  const cookie = header.split(';').find((one) => one.trim().startsWith(start));
  const secret = cookie?.trim().slice(start.length) ?? '';
  return secret === '' ? null : secret;
}

/** Returns the header `Set-Cookie` that opens or ends a session in a browser. Scripts can't read the cookie. */
export function consoleCookie({ secret, maxAgeS }: Cookie, { isSecure, isEmbedded }: CookieRules): string {
  // A frame on another site gets a cookie of its own for each such site, which no other site can use.
  const site = isSecure && isEmbedded ? 'SameSite=None; Partitioned' : 'SameSite=Strict';
  const age = `Max-Age=${secret === null ? 0 : maxAgeS}`;
  const attributes = ['Path=/', 'HttpOnly', site, age, ...(isSecure ? ['Secure'] : [])];
  return [`${nameOf(isSecure)}=${secret ?? ''}`, ...attributes].join('; ');
}
