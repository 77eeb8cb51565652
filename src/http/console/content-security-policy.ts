/**
 * Returns the value of the header `Content-Security-Policy` for the console: everything comes from this service, there are no
 * scripts or styles inside of the page, and no page may frame it except for those of the named origins.
 * @param embedOrigins origins of pages that may show the console in a frame
 */
export function consolePolicy(embedOrigins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    // hls.js hands the player parts of a file as `blob:`, and decrypts and repackages in a worker.
    "media-src 'self' blob:",
    "worker-src 'self' blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    `frame-ancestors ${embedOrigins.length === 0 ? "'none'" : embedOrigins.join(' ')}`,
  ].join('; ');
}
