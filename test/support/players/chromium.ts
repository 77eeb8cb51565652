import { type Browser, chromium } from 'playwright-core';
import { debianProgramWithLibraries } from '../docs/debian.ts';

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

/** Starts the installed Chromium, or else Debian's. @throws Missing if this machine can have neither */
export async function startChromium(): Promise<Browser> {
  const { program, env } = debianProgramWithLibraries(PACKAGE, PROGRAM);
  return chromium.launch({ executablePath: program, args: ARGUMENTS, env: { ...process.env, ...env } });
}
