const NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH = /^\/[\x21-\x7e]*$/;

/**
 * Returns the head of a POST request: the request line, `host`, `connection`, these headers and `content-length`.
 * @param target path and query of the URL, as `URL` serializes them
 * @throws TypeError if a header or the target has a character with which it could end its line
 */
export function requestHead(
  { host, target }: { readonly host: string; readonly target: string },
  headers: Readonly<Record<string, string>>,
  bodyBytes: number,
): string {
  if (!PATH.test(target)) throw new TypeError('the path of the URL has a character that is not allowed');
  let head = `POST ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  for (const name in headers) {
    const value = headers[name] as string;
    if (!NAME.test(name) || !VALUE.test(value)) {
      throw new TypeError(`the header ${JSON.stringify(name)} has a character that is not allowed`);
    }
    head += `${name}: ${value}\r\n`;
  }
  return `${head}content-length: ${bodyBytes}\r\n\r\n`;
}
