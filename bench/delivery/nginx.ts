import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../test/support/service/service-process.ts';

export interface Nginx {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts nginx on the loopback interface, as one process that answers every request with an empty 200. */
export async function startNginx(): Promise<Nginx> {
  const [dir, port] = [await mkdtemp(join(tmpdir(), 'mediahooks-bench-')), await freePort()];
  const file = join(dir, 'nginx.conf');
  await writeFile(file, configuration(dir, port));
  const child = spawn('nginx', ['-p', dir, '-c', file], { stdio: 'ignore' });
  const end = once(child, 'exit');
  const kill = () => void child.kill('SIGKILL');
  process.on('exit', kill);
  await Promise.race([
    untilOpen(port),
    end.then(() => {
      throw new Error('nginx did not start; the benchmark needs the Debian package nginx-light');
    }),
  ]);
  return {
    url: `http://127.0.0.1:${port}/`,
    pid: child.pid as number,
    stop: async () => {
      child.kill('SIGTERM');
      await end;
      process.off('exit', kill);
      await rm(dir, { recursive: true });
    },
  };
}

function configuration(dir: string, port: number): string {
  return `
    daemon off; master_process off; pid ${dir}/pid; error_log ${dir}/error.log;
    events { worker_connections 8192; }
    http {
      access_log off; client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir};
      uwsgi_temp_path ${dir}; scgi_temp_path ${dir};
      keepalive_requests 100000000; keepalive_timeout 60s;
      server { listen 127.0.0.1:${port} backlog=8192; location / { return 200; } }
    }`;
}

async function untilOpen(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(20);
  }
}
