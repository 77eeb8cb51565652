const NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH = /^\/[\x21-\x7e]*$/;

/**
 * Returns the first lines of a POST request: the request line, `host` and `connection`.
 * @param path path and query of the URL, as `URL` serializes them
 * @throws TypeError if the path has a character with which it could end its line
 */
export function requestLines(host: string, path: string): string {
  if (!PATH.test(path)) throw new TypeError('the path of the URL has a character that is not allowed');
  return `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
}

/**
 * Returns the lines of headers.
 * @throws TypeError if a header has a character with which it could end its line
 */
export function headerLines(headers: Readonly<Record<string, string>>): string {
  let lines = '';
  for (const name in headers) {
    const value = headers[name] as string;
    if (!NAME.test(name) || !VALUE.test(value)) {
      throw new TypeError(`the header ${JSON.stringify(name)} has a character that is not allowed`);
    }
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}
