import { parseArgs } from 'node:util';
import { compareWith } from './against.ts';
import type { Row, RowResult } from './row.ts';
import { accounts } from './rows/accounts.ts';
import { backlog } from './rows/backlog.ts';
import { backup } from './rows/backup.ts';
import { crash } from './rows/crash.ts';
import { fanOut } from './rows/fan-out.ts';
import { gentle } from './rows/gentle.ts';
import { halfHanging } from './rows/half-hanging.ts';
import { isolation } from './rows/isolation.ts';
import { latency } from './rows/latency.ts';
import { neighbour } from './rows/neighbour.ts';
import { slowDisk } from './rows/slow-disk.ts';
import { idle, start } from './rows/start.ts';
import { steadyState } from './rows/steady-state.ts';
import { throughputBatch, throughputSingle } from './rows/throughput.ts';

const ROWS: readonly Row[] = [
  throughputSingle,
  throughputBatch,
  steadyState,
  latency,
  gentle,
  isolation,
  halfHanging,
  neighbour,
  fanOut,
  backlog,
  accounts,
  start,
  idle,
  backup,
  slowDisk,
  crash,
];

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    against: { type: 'string' },
    pairs: { type: 'string', default: '1' },
  },
  allowPositionals: true,
});
const seconds = values.seconds === undefined ? null : Number(values.seconds);
const unknown = positionals.filter((name) => !ROWS.some((row) => row.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `bench: there is no row ${unknown.join(', ')}; there are ${ROWS.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}

const chosen = ROWS.filter(({ name, onlyByName }) =>
  positionals.length > 0 ? positionals.includes(name) : !onlyByName,
);
if (values.against !== undefined) {
  await compareWith({
    commit: values.against,
    rows: chosen.map(({ name }) => name),
    pairs: Number(values.pairs),
    seconds: values.seconds ?? null,
  });
  process.exit();
}

for (const row of chosen) {
  const result = await row.run(seconds);
  process.stdout.write(values.json ? `${asJson(row, result)}\n` : asText(row, result));
  if (!result.holds) process.exitCode = 1;
}

function asJson({ name, goal }: Row, { value, holds, from }: RowResult): string {
  return JSON.stringify({ row: name, value, goal, holds, from });
}

function asText({ name, measures, goal }: Row, { value, holds, from }: RowResult): string {
  const details = Object.entries(from).map(([what, number]) => `    ${what}: ${number}\n`);
  return `${name}: ${value} (goal ${goal}${holds ? '' : ', not reached'}) ${measures}\n${details.join('')}`;
}
