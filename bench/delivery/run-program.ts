import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Running programs. They are killed when the benchmark ends for any reason. */
const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/**
 * Runs a program of `programs/` as a process of its own, so that its work does not slow down other programs.
 * The program gets its task as JSON on standard input, and prints its result as JSON on standard output.
 * @returns the result of the program
 */
export async function runProgram<Task, Result>(file: string, task: Task): Promise<Result> {
  const program = new URL(`./programs/${file}`, import.meta.url).pathname;
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.add(child);
  child.stdin.end(JSON.stringify(task));
  const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  children.delete(child);
  if (exitCode !== 0) throw new Error(`${file} ended with ${exitCode}`);
  return JSON.parse(output);
}
