import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Programs that are running, so that they end with the benchmark however it ends. */
const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/**
 * Runs a program of `programs/` as a process of its own, so that its work disturbs no other. The program gets its
 * task as JSON, and prints the result as JSON, which this returns.
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
