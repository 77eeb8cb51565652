import { debianProgramWithLibraries } from '../docs/debian.ts';
import { importFromPlayers } from './packages.ts';

/** Chromium without windows. It is a smaller package than Chromium, of the same source and with the same codecs. */
const PACKAGE = 'chromium-headless-shell';
const PROGRAM = 'usr/lib/chromium/chromium-headless-shell';

const ARGUMENTS = [
  // The tests run as root in containers, where Chromium's sandbox does not work. It plays our own media alone.
  '--no-sandbox',
  '--disable-gpu',
  '--mute-audio',
  '--autoplay-policy=no-user-gesture-required',
  // Pages that play side by side are all in the background except for one.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

/** Part of playwright-core's browser that the tests use. */
export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

/** Part of playwright-core's page that the tests use. */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<T>(expression: string): Promise<T>;
}

interface Playwright {
  readonly chromium: {
    launch(options: {
      readonly executablePath: string;
      readonly args: readonly string[];
      readonly env: NodeJS.ProcessEnv;
    }): Promise<Browser>;
  };
}

/** Starts the installed Chromium, or else Debian's. @throws Missing if this machine can have neither */
export async function startChromium(): Promise<Browser> {
  const { program, env } = debianProgramWithLibraries(PACKAGE, PROGRAM);
  const { chromium } = (await importFromPlayers('playwright-core/index.mjs')) as Playwright;
  return chromium.launch({ executablePath: program, args: ARGUMENTS, env: { ...process.env, ...env } });
}
