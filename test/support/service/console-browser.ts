import assert from 'node:assert/strict';

/** Headers that the console's page adds to its requests. */
export const CONSOLE_HEADERS = { 'x-mediahooks-console': '1' } as const;

export interface BrowserAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of many shapes, and assert what they expect
  readonly body: any;
}

/** A browser that shows the console: it keeps the cookie, and sends what browsers send for the console's own page. */
export class ConsoleBrowser {
  readonly #url: string;
  /** Value of the header `Cookie`; empty: no cookie. */
  cookie = '';
  /** Last header `Set-Cookie`. */
  setCookie = '';

  constructor(url: string) {
    this.#url = url;
  }

  /** Sends a request. Headers with an empty value are left out. */
  async call(
    method: string,
    path: string,
    { json, headers = {} }: { json?: object; headers?: Record<string, string> } = {},
  ): Promise<BrowserAnswer> {
    const all: Record<string, string> = {
      ...CONSOLE_HEADERS,
      ...{ 'sec-fetch-site': 'same-origin', cookie: this.cookie },
      ...(json && { 'content-type': 'application/json' }),
      ...headers,
    };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    const body = json ? { body: JSON.stringify(json) } : {};
    const response = await fetch(this.#url + path, { method, headers: sent, ...body });
    const setCookie = response.headers.get('set-cookie');
    if (setCookie !== null) this.#keep(setCookie);
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  /** Sends a request, and asserts the status. */
  async expect(status: number, method: string, path: string, json?: object) {
    const answer = await this.call(method, path, json ? { json } : {});
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async signIn(proof: object) {
    return (await this.expect(200, 'POST', '/api/console/session', proof)).data;
  }

  #keep(setCookie: string): void {
    this.setCookie = setCookie;
    const pair = setCookie.split(';')[0] ?? '';
    this.cookie = pair.endsWith('=') ? '' : pair;
  }
}
