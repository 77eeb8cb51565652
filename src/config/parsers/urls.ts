import { commaSeparated } from './text.ts';

/** Parses an http or https URL. Returns it without trailing slashes. */
export function httpUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError('expected an http or https URL');
  return url.href.replace(/\/+$/, '');
}

/** Parses the URL of a SQLite database. */
export function storageUrl(text: string): URL {
  const url = URL.parse(text);
  // `URL` also parses `file:name`, as a file in the root folder, and `file://name/…`, as a file of another
  // machine. The regular expression refuses both.
  if (url?.protocol !== 'file:' || !/^file:(\/\/(localhost)?)?\/[^/]/i.test(text)) {
    throw new TypeError(
      'expected a file: URL with the absolute path of a SQLite database, such as file:///srv/hooks.sqlite',
    );
  }
  return url;
}

/**
 * Parses the URL of a JSON Web Key Set: the public keys of an identity provider. Plain http is accepted only
 * for addresses of this machine, because an attacker who changes the keys on the network could sign tokens
 * for any account.
 */
export function jwksUrl(text: string): URL {
  const url = URL.parse(text);
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url?.hostname ?? '');
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)) || url.username !== '') {
    throw new TypeError('expected an https URL, or an http URL of this machine');
  }
  return url;
}

/** Parses origins such as `https://example.com:8443`, separated by commas. */
export function origins(text: string): string[] {
  return commaSeparated(text).map((one) => {
    const url = URL.parse(one);
    if (!url || !/^https?:$/.test(url.protocol) || (one !== url.origin && one !== `${url.origin}/`))
      throw new TypeError('expected origins such as https://example.com, separated by commas');
    return url.origin;
  });
}
