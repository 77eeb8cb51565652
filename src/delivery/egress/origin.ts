/**
 * Returns scheme, host and port of a URL. Does not parse it again, because the URLs of webhooks are stored as `URL`
 * serializes them.
 */
export function originOf(url: string): string {
  const end = url.indexOf('/', 'https://'.length);
  return end < 0 ? url : url.slice(0, end);
}
