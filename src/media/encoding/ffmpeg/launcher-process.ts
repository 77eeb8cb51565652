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
report('ready');

async function run(id: number, { command, args, cwd, bounds, wantsLines }: LaunchTask): Promise<void> {
  const abort = new AbortController();
  running.set(id, abort);
  const lines = collectLines(id);
  try {
    const end = await runChild(command, args, {
      signal: abort.signal,
      ...(cwd !== undefined && { cwd }),
      ...(bounds !== undefined && { bounds }),
      ...(wantsLines && { onLine: lines.add }),
    });
    lines.flush();
    report({ id, end });
  } catch (error) {
    report({ id, error: portable(error) });
  } finally {
    running.delete(id);
  }
}

/** Collects the lines that arrive in one turn of the event loop, so that each turn sends one message. */
function collectLines(id: number): { readonly add: (line: string) => void; readonly flush: () => void } {
  let lines: string[] = [];
  const flush = () => {
    if (lines.length > 0) report({ id, lines });
    lines = [];
  };
  const add = (line: string) => {
    if (lines.push(line) === 1) setImmediate(flush);
  };
  return { add, flush };
}

function report(message: LaunchReport): void {
  // Nobody is left to receive a message after the channel was closed.
  if (process.connected) process.send?.(message);
}

function portable(error: unknown): LaunchError {
  const { message, code, cause } = error as NodeJS.ErrnoException;
  return { message, code: code ?? (cause as NodeJS.ErrnoException | undefined)?.code };
}
