import { runChild } from './child-process.ts';
import type { LaunchError, LaunchReport, LaunchRequest, LaunchTask } from './launcher-messages.ts';

/**
 * A process that starts programs for the service (`Launcher`). It ends when the service closes its channel, and is
 * killed together with all programs when the service is killed.
 */

const running = new Map<number, AbortController>();

process.on('message', ({ id, task }: LaunchRequest) => {
  if (task) void run(id, task);
  else running.get(id)?.abort();
});
process.on('disconnect', () => {
  for (const abort of running.values()) abort.abort();
});
// A supervisor may send a signal to all processes of the service. The service itself then ends its programs.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
void report('ready');

async function run(id: number, { command, args, cwd, bounds, wantsLines }: LaunchTask): Promise<void> {
  const abort = new AbortController();
  running.set(id, abort);
  const lines = collectLines(id);
  try {
    const end = await runChild(command, args, {
      signal: abort.signal,
      ...(cwd !== undefined && { cwd }),
      ...(bounds !== undefined && { bounds }),
      ...(wantsLines && { onLine: lines.add, untilTaken: lines.untilTaken }),
    });
    lines.flush();
    void report({ id, end });
  } catch (error) {
    void report({ id, error: portable(error) });
  } finally {
    running.delete(id);
  }
}

/**
 * Collects the lines that arrive in one turn of the event loop, so that each turn sends one message. `untilTaken`
 * holds the program back while the service has not taken the last message, so that this process stays small.
 */
function collectLines(id: number) {
  let lines: string[] = [];
  let sent: Promise<void> | null = null;
  const flush = () => {
    if (lines.length === 0) return;
    const message = report({ id, lines }).then(() => {
      if (sent === message) sent = null;
    });
    sent = message;
    lines = [];
  };
  const add = (line: string) => {
    if (lines.push(line) === 1) setImmediate(flush);
  };
  return { add, flush, untilTaken: () => sent };
}

/** Sends a message. Fulfils when the message has left this process, or when nobody is left to receive it. */
function report(message: LaunchReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected && process.send) process.send(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

function portable(error: unknown): LaunchError {
  const { message, code, cause } = error as NodeJS.ErrnoException;
  return { message, code: code ?? (cause as NodeJS.ErrnoException | undefined)?.code };
}
