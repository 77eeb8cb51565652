/** Other end of a connection. */
export interface Destination {
  /** Scheme with its colon. */
  readonly protocol: string;
  /** Name or IP address, without brackets. */
  readonly hostname: string;
  readonly port: number;
}

/**
 * Returns the scheme, host and port of a URL. Does not parse the URL, because the URLs of webhooks are stored
 * in the form in which `URL` serializes them.
 */
export function originOf(url: string): string {
  const end = url.indexOf('/', 'https://'.length);
  return end < 0 ? url : url.slice(0, end);
}
