/** Parts of playwright-core that tests of the console use. The package is downloaded, and has no types here. */

export interface Locator {
  /** The elements that both locators find. */
  and(other: Locator): Locator;
  click(options?: { readonly timeout?: number }): Promise<void>;
  fill(text: string): Promise<void>;
  press(keys: string): Promise<void>;
  check(): Promise<void>;
  selectOption(value: string | { readonly label: string }): Promise<unknown>;
  setInputFiles(files: string | readonly string[]): Promise<void>;
  waitFor(options?: { readonly state?: 'visible' | 'hidden' | 'attached' | 'detached' }): Promise<void>;
  textContent(): Promise<string | null>;
  inputValue(): Promise<string>;
  getAttribute(name: string): Promise<string | null>;
  count(): Promise<number>;
  first(): Locator;
  last(): Locator;
  nth(index: number): Locator;
  locator(selector: string): Locator;
  filter(options: { readonly hasText: string | RegExp }): Locator;
  getByRole(role: string, options?: RoleOptions): Locator;
  getByText(text: string | RegExp, options?: { readonly exact?: boolean }): Locator;
  getByLabel(text: string | RegExp, options?: { readonly exact?: boolean }): Locator;
}

export interface RoleOptions {
  readonly name?: string | RegExp;
  readonly exact?: boolean;
}

export interface SeenRequest {
  url(): string;
}

export interface SeenResponse extends SeenRequest {
  status(): number;
  headers(): Record<string, string>;
}

export interface SeenMessage {
  type(): string;
  text(): string;
}

export interface BrowserPage extends Pick<Locator, 'locator' | 'getByRole' | 'getByText' | 'getByLabel'> {
  goto(url: string, options?: { readonly waitUntil?: 'load' | 'commit' }): Promise<unknown>;
  reload(): Promise<unknown>;
  url(): string;
  title(): Promise<string>;
  evaluate<T>(expression: string): Promise<T>;
  addInitScript(script: string): Promise<void>;
  waitForURL(url: string | RegExp | ((url: URL) => boolean)): Promise<void>;
  emulateMedia(options: {
    readonly colorScheme?: 'light' | 'dark';
    readonly reducedMotion?: 'reduce';
  }): Promise<void>;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  screenshot(options: { readonly path: string; readonly fullPage?: boolean }): Promise<unknown>;
  readonly keyboard: { press(keys: string): Promise<void>; type(text: string): Promise<void> };
  readonly mouse: { wheel(x: number, y: number): Promise<void> };
  context(): BrowserContext;
  on(event: 'request', listener: (request: SeenRequest) => void): void;
  on(event: 'response', listener: (response: SeenResponse) => void): void;
  on(event: 'console', listener: (message: SeenMessage) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
}

/** Session with Chromium's protocol for developers. */
export interface DevTools {
  send(method: string, parameters?: object): Promise<unknown>;
}

export interface BrowserContext {
  newPage(): Promise<BrowserPage>;
  newCDPSession(page: BrowserPage): Promise<DevTools>;
  cookies(): Promise<readonly { name: string; httpOnly: boolean; sameSite: string; value: string }[]>;
  clearCookies(): Promise<void>;
  close(): Promise<void>;
}

export interface ContextOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce';
  readonly deviceScaleFactor?: number;
  readonly permissions?: readonly string[];
}

export interface TestBrowser {
  newContext(options?: ContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}
