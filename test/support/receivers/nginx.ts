import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianProgram } from '../docs/debian.ts';
import { freePort } from '../service/service-process.ts';
import { untilAnswering } from '../service/until-answering.ts';

/** Maximum milliseconds for which a start waits until nginx answers. */
const MAX_START_MS = 20_000;

/** nginx on the loopback interface, as a master process and one worker. It answers every request with 200. */
export class Nginx {
  readonly url: string;
  readonly #dir: string;
  readonly #child: ChildProcess;

  private constructor(url: string, dir: string, child: ChildProcess) {
    this.url = url;
    this.#dir = dir;
    this.#child = child;
  }

  /** Starts the installed nginx, or else Debian's. @throws Missing if this machine can have neither */
  static async start(): Promise<Nginx> {
    const program = debianProgram('nginx', 'usr/sbin/nginx');
    const [dir, port] = [await mkdtemp(join(tmpdir(), 'mediahooks-nginx-')), await freePort()];
    const file = join(dir, 'nginx.conf');
    await writeFile(file, configuration(dir, port));
    const child = spawn(program, ['-p', dir, '-c', file], { stdio: 'ignore' });
    const nginx = new Nginx(`http://127.0.0.1:${port}/hook`, dir, child);
    await untilAnswering(nginx.url, AbortSignal.timeout(MAX_START_MS));
    return nginx;
  }

  /** Reloads the configuration: a new worker begins, and the old one ends after its requests. */
  reload(): void {
    this.#child.kill('SIGHUP');
  }

  /** Returns how often the configuration was reloaded. */
  async reloads(): Promise<number> {
    const log = await readFile(join(this.#dir, 'error.log'), 'utf8');
    return [...log.matchAll(/reconfiguring/g)].length;
  }

  async stop(): Promise<void> {
    const end = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await end;
    await rm(this.#dir, { recursive: true });
  }
}

function configuration(dir: string, port: number): string {
  return `
    daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log notice;
    events { worker_connections 256; }
    http {
      access_log off; client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir};
      uwsgi_temp_path ${dir}; scgi_temp_path ${dir};
      server { listen 127.0.0.1:${port}; location / { return 200; } }
    }`;
}
