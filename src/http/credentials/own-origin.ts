/** Returns whether an origin has one of these hosts. */
export function isOwnOrigin(origin: string | undefined, ...own: (string | undefined)[]): boolean {
  const host = URL.parse(origin ?? '')?.host;
  return host !== undefined && own.includes(host);
}
