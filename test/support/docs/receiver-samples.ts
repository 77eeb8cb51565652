import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../service/service-process.ts';
import {
  type CommandFailure,
  downloadPath,
  FETCH_MS,
  fetchInto,
  Missing,
  missingIn,
  pipInstall,
} from './downloads.ts';

const run = promisify(execFile);
const root = new URL('../../../', import.meta.url).pathname;
const text = await readFile(join(root, 'docs/receiving.md'), 'utf8');

const LOOK_EVERY_MS = 20;

/** One language of docs/receiving.md, with the commands that prepare and run its sample. */
export interface SampleLanguage {
  readonly name: string;
  /**
   * Code that replaces the reader's own work. It prints `begins`, waits for the file `go`, and prints `ends`.
   */
  readonly work: string;
  /**
   * Downloads the packages of the sample into the folder. If this machine can't, rejects with an error that
   * `missingIn` recognizes.
   */
  prepare(dir: string): Promise<void>;
  /** Compiles the sample. Rejects if the code of the sample is wrong. */
  build?(dir: string): Promise<unknown>;
  /**
   * Programs to run in the folder of the sample, with their arguments. The first program answers requests.
   */
  commands(port: number): string[][];
  readonly env?: Record<string, string>;
}

const node: SampleLanguage = {
  name: 'Node',
  work: `
    const { existsSync } = await import('node:fs');
    console.log('begins', event.media_id);
    while (!existsSync('go')) await sleep(20);
    console.log('ends', event.media_id);`,
  prepare: (dir) => symlink(join(root, 'node_modules'), join(dir, 'node_modules')),
  commands: () => [[process.execPath, 'receiver.mjs']],
};

/**
 * Folder of the downloaded packages. Its name contains their versions, so that a version that the document no
 * longer names is not used.
 */
const PYTHON_PLACE = downloadPath(['python', ...packages('pip install')].join('-'));

const python: SampleLanguage = {
  name: 'Python',
  work: `
    print("begins", event["media_id"], flush=True)
    while not os.path.exists("go"):
        time.sleep(0.02)
    print("ends", event["media_id"], flush=True)`,
  prepare: async () => {
    fetchInto(PYTHON_PLACE, [(draft) => pipInstall(draft, packages('pip install'))]);
    await run('python3', ['--version']);
  },
  commands: () => [['python3', 'receiver.py']],
  env: { PYTHONPATH: PYTHON_PLACE },
};

const go: SampleLanguage = {
  name: 'Go',
  work: `
	log.Print("begins ", event["media_id"])
	for _, err := os.Stat("go"); err != nil; _, err = os.Stat("go") {
		time.Sleep(20 * time.Millisecond)
	}
	log.Print("ends ", event["media_id"])`,
  // Modules and compiled code are not kept in the downloads, because Go itself keeps them outside of the
  // project.
  prepare: async (dir) => {
    const options = { ...WITHIN, cwd: dir };
    await run('go', ['mod', 'init', 'receiver'], options);
    await run('go', ['get', ...packages('go get')], options);
  },
  build: (dir) => run('go', ['build', '-o', 'receiver', '.'], { cwd: dir }),
  commands: () => [['./receiver']],
};

const php: SampleLanguage = {
  name: 'PHP',
  work: `
    echo "begins {$event['media_id']}\\n";
    while (!file_exists('go')) { usleep(20_000); clearstatcache(); }
    echo "ends {$event['media_id']}\\n";`,
  prepare: async () => {
    const { stdout } = await run('php', ['-r', "echo extension_loaded('pdo_sqlite') ? 'yes' : 'no';"]);
    if (stdout !== 'yes') throw new Missing('PHP is without pdo_sqlite');
  },
  commands: (port) => [
    ['php', '-S', `127.0.0.1:${port}`, 'receiver.php'],
    ['php', 'worker.php'],
  ],
  env: { INBOX: 'sqlite:inbox.sqlite' },
};

export const LANGUAGES: readonly SampleLanguage[] = [node, python, go, php];

const WITHIN = { timeout: FETCH_MS };

/** Returns the packages that the document installs with `command`. */
function packages(command: string): string[] {
  return new RegExp(`\`${command} ([^\`]+)\``).exec(text)?.[1]?.split(' ') ?? [];
}

/**
 * Returns the files of a language's sample, by their names. In the document, the name of a file precedes its
 * code block.
 */
function filesOf({ name }: SampleLanguage): Map<string, string> {
  const section = text.split(`\n### ${name}\n`)[1]?.split(/\n##+ /)[0] ?? '';
  const blocks = section.matchAll(/`([\w.]+)`:\n\n```\w+\n(.*?)```/gs);
  return new Map(Array.from(blocks, ([, file = '', code = '']) => [file, code]));
}

/**
 * Creates a folder with a language's sample, ready to run. If the machine lacks something, returns the
 * reason.
 */
export async function prepareSample(
  language: SampleLanguage,
): Promise<{ dir: string } | { missing: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-sample-'));
  for (const [file, code] of filesOf(language)) {
    // The comment for the reader's own work is replaced with `work`. The rest of the sample stays as it is.
    await writeFile(
      join(dir, file),
      code.replace(/(pass {2}# |\/\/ )Your work goes here.*/, language.work.trimStart()),
    );
  }
  try {
    await language.prepare(dir);
  } catch (error) {
    await rm(dir, { recursive: true });
    const missing = missingIn(error as CommandFailure);
    if (missing === null) throw error;
    return { missing };
  }
  await language.build?.(dir);
  return { dir };
}

/** A running sample: its processes, and the text that they printed. */
export class RunningSample {
  readonly url: string;
  readonly #children: ChildProcess[];
  #printed = '';

  private constructor(port: number, children: ChildProcess[]) {
    this.url = `http://127.0.0.1:${port}/`;
    this.#children = children;
    for (const { stdout, stderr } of children) {
      for (const stream of [stdout, stderr]) stream?.on('data', (chunk) => (this.#printed += chunk));
    }
  }

  /** Starts the sample. Fulfils when the sample answers requests. */
  static async start(language: SampleLanguage, dir: string, secret: string): Promise<RunningSample> {
    const port = await freePort();
    const env = { ...process.env, ...language.env, WEBHOOK_SECRET: secret, PORT: String(port) };
    const children = language.commands(port).map(([command = '', ...args]) => {
      return spawn(command, args, { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
    });
    const sample = new RunningSample(port, children);
    const isAnswering = () =>
      fetch(sample.url).then(
        (answer) => answer.body?.cancel().then(() => true) ?? true,
        () => false,
      );
    try {
      await sample.#until(isAnswering);
    } catch (error) {
      await sample.kill();
      throw error;
    }
    return sample;
  }

  /** Returns the media ids in the printed lines that begin with `word`, in order. */
  printed(word: string): string[] {
    return Array.from(
      this.#printed.matchAll(new RegExp(`\\b${word} (\\S+)`, 'g')),
      ([, media = '']) => media,
    );
  }

  untilPrinted(word: string, media: string): Promise<void> {
    return this.#until(async () => this.printed(word).includes(media));
  }

  /** Ends the processes with SIGKILL. */
  async kill(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }

  /** Fulfils when `condition` holds. Rejects with all printed text if a process ends, or after 30 s. */
  async #until(condition: () => Promise<boolean>): Promise<void> {
    const patience = AbortSignal.timeout(30_000);
    while (!(await condition())) {
      const hasEnded = this.#children.some(({ exitCode }) => exitCode !== null);
      if (hasEnded || patience.aborted) throw new Error(`the sample does not continue: ${this.#printed}`);
      await delay(LOOK_EVERY_MS);
    }
  }
}
