import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { rounded } from './row.ts';

const root = join(import.meta.dirname, '../..');

export interface Comparison {
  /** Commit, tag or branch of the earlier build. */
  readonly commit: string;
  /** Names of the rows that are measured. */
  readonly rows: readonly string[];
  /** Number of times that each build is measured, in turn. */
  readonly pairs: number;
  readonly seconds: string | null;
}

interface Measured {
  readonly value: number;
  readonly from: Readonly<Record<string, number | string>>;
}

/**
 * Measures rows of the benchmark with an earlier build and with this one, in turn, because the speed of a machine
 * changes by a third within minutes. Each build is measured by its own benchmark. Prints each number of both, and the
 * ratio of this build's to the earlier one's.
 */
export async function compareWith({ commit, rows, pairs, seconds }: Comparison): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-against-'));
  const earlier = join(dir, 'earlier');
  try {
    await run('git', ['clone', '--quiet', '--shared', '--no-checkout', root, earlier], root);
    await run('git', ['checkout', '--quiet', '--detach', await hashOf(commit)], earlier);
    await run('script/bootstrap', [], earlier);
    for (const tree of [earlier, root]) await warmUp(tree, join(dir, 'warm-up'));
    for (const row of rows) {
      const measured: { earlier: Measured[]; present: Measured[] } = { earlier: [], present: [] };
      for (let pair = 0; pair < pairs; pair += 1) {
        measured.earlier.push(await measure(earlier, row, seconds));
        measured.present.push(await measure(root, row, seconds));
      }
      process.stdout.write(asText(row, measured));
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Milliseconds after which a service is idle, and has stored its compiled code for the next start. */
const WARM_UP_MS = 6_000;

/** Runs a build's service once. Otherwise an earlier build, which was just installed, would compile everything. */
async function warmUp(tree: string, dataDir: string): Promise<void> {
  const env = { ...process.env, MEDIAHOOKS_DATA_DIR: dataDir, MEDIAHOOKS_PORT: '0' };
  const service = spawn(join(tree, 'script/mediahooks'), ['serve'], { env, stdio: 'ignore' });
  const ended = once(service, 'close');
  await delay(WARM_UP_MS);
  service.kill('SIGTERM');
  await ended;
  await rm(dataDir, { recursive: true, force: true });
}

async function hashOf(commit: string): Promise<string> {
  return (await run('git', ['rev-parse', '--verify', `${commit}^{commit}`], root)).trim();
}

async function measure(tree: string, row: string, seconds: string | null): Promise<Measured> {
  const limit = seconds === null ? [] : ['--seconds', seconds];
  // The exit code only says whether the goal was reached.
  const output = await run('node', ['bench/delivery/bench.ts', row, '--json', ...limit], tree, [0, 1]);
  return JSON.parse(output);
}

/** Runs a program. @returns its output @throws Error if it ends with another code than these */
async function run(program: string, args: string[], cwd: string, codes = [0]): Promise<string> {
  const bin = join(cwd, 'node_modules/.bin');
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (!codes.includes(exitCode)) throw new Error(`${program} ${args.join(' ')} ended with ${exitCode}`);
  return output;
}

function asText(row: string, { earlier, present }: { earlier: Measured[]; present: Measured[] }): string {
  const lines = [lineOf('value', earlier.map(measuredValue), present.map(measuredValue))];
  for (const name of Object.keys(present[0]?.from ?? {})) {
    const numbers = (all: Measured[]) =>
      all.map(({ from }) => from[name]).filter((one) => typeof one === 'number');
    if (numbers(earlier).length > 0) lines.push(lineOf(name, numbers(earlier), numbers(present)));
  }
  return `${row}: earlier | this build | ratio of the sums\n${lines.join('')}`;
}

const measuredValue = ({ value }: Measured) => value;
const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

function lineOf(name: string, earlier: readonly number[], present: readonly number[]): string {
  const ratio = rounded(sumOf(present) / sumOf(earlier));
  return `    ${name}: ${earlier.join(', ')} | ${present.join(', ')} | ${ratio}\n`;
}
