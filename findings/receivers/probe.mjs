import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { Connection } from './connection.mjs';
import { SERVERS } from './servers.mjs';

/** Prints a row of the document's table for each receiver: what it does with a valid, signed request like ours. */

const SECRET = `whsec_${Buffer.alloc(32, 'key').toString('base64')}`;
const BODY = JSON.stringify({ type: 'file.received', title: 'Grüße, 世界 🎬' });
const HEADINGS = [
  'receiver',
  'takes chunks',
  '`Expect: 100-continue`',
  'unknown `Expect`',
  'unknown path',
  'missing slash at the end',
  'closes an idle connection',
];
const IDLE_FOR_MS = 9_000;
const NO_ANSWER_MS = 2_000;

function head(path, ...lines) {
  const id = 'a-message';
  const at = new Date();
  const signature = new Webhook(SECRET).sign(id, at, BODY);
  return [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `webhook-id: ${id}`,
    `webhook-timestamp: ${Math.floor(at.getTime() / 1000)}`,
    `webhook-signature: ${signature}`,
    ...lines,
    '\r\n',
  ].join('\r\n');
}

const LENGTH = `content-length: ${Buffer.byteLength(BODY)}`;

/** Sends one request on a connection of its own. Returns its answer. */
async function answerTo(port, text) {
  const connection = await Connection.open(port);
  connection.write(text);
  const answer = await connection.answer();
  connection.end();
  return answer;
}

async function chunked(port) {
  const half = Math.floor(Buffer.byteLength(BODY) / 2);
  const bytes = Buffer.from(BODY);
  const connection = await Connection.open(port);
  connection.write(head('/hooks/', 'transfer-encoding: chunked'));
  for (const part of [bytes.subarray(0, half), bytes.subarray(half)]) {
    connection.write(`${part.length.toString(16)}\r\n`);
    connection.write(part);
    connection.write('\r\n');
  }
  connection.write('0\r\n\r\n');
  const answer = await connection.answer();
  connection.end();
  return answer?.status === 204 ? 'yes' : `no, ${answer?.status ?? 'no answer'}`;
}

/** Waits for the interim answer before it sends the body, as clients do. */
async function expectContinue(port) {
  const connection = await Connection.open(port);
  connection.write(head('/hooks/', LENGTH, 'expect: 100-continue'));
  let interim = 0;
  let answer = await connection.answer(NO_ANSWER_MS);
  if (answer?.status === 100) interim += 1;
  connection.write(BODY);
  if (!answer || answer.status === 100) answer = await connection.answer();
  while (answer?.status === 100) {
    interim += 1;
    answer = await connection.answer();
  }
  connection.end();
  const times = ['no 100', '100', '100 twice'][interim] ?? `100, ${interim} times`;
  return answer?.status === 204 ? times : `${times}, then ${answer?.status ?? 'no answer'}`;
}

async function unknownExpect(port) {
  const answer = await answerTo(port, head('/hooks/', LENGTH, 'expect: a-miracle') + BODY);
  return answer?.status === 204 ? 'ignored' : String(answer?.status ?? 'no answer');
}

async function statusOf(port, path) {
  return String((await answerTo(port, head(path, LENGTH) + BODY))?.status ?? 'no answer');
}

/** Leaves a connection idle after an answer. */
async function idle(port) {
  const connection = await Connection.open(port);
  connection.write(head('/hooks/', LENGTH) + BODY);
  const answer = await connection.answer();
  if (answer?.status !== 204) throw new Error(`a valid message got ${answer?.status}`);
  const announced = /timeout=(\d+)/.exec(answer.headers['keep-alive'] ?? '')?.[1];
  const closedMs = await connection.closedWithin(IDLE_FOR_MS);
  connection.end();
  if (closedMs !== null && closedMs < 500) {
    return answer.headers.connection === 'close' ? 'at once, announced' : 'at once, not announced';
  }
  const when =
    closedMs === null ? `after more than ${IDLE_FOR_MS / 1000} s` : `after ${Math.round(closedMs / 1000)} s`;
  return announced ? `${when}, announced as ${announced} s` : `${when}, not announced`;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Receiver that is running, with its workers in a process group of its own. */
let running = null;

function endRunning() {
  if (running === null) return;
  try {
    process.kill(-running.pid, 'SIGKILL');
  } catch {
    // The receiver has ended by itself.
  }
  running = null;
}

// A receiver that cannot be used, or a signal, must not leave a process behind.
process.on('exit', endRunning);
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

async function start([command, ...args], port) {
  const env = { ...process.env, PORT: String(port), WEBHOOK_SECRET: SECRET, PYTHONDONTWRITEBYTECODE: '1' };
  const withPort = args.map((arg) => arg.replace('PORT', String(port)));
  const child = spawn(command, withPort, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  running = child;
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null) throw new Error(`${command} ${withPort.join(' ')} ended: ${printed}`);
    const answer = await answerTo(port, head('/hooks/', LENGTH) + BODY).catch(() => null);
    if (answer) return;
    await delay(100);
  }
  throw new Error(`${command} ${withPort.join(' ')} does not answer: ${printed}`);
}

process.stdout.write(`| ${HEADINGS.join(' | ')} |\n| ${HEADINGS.map(() => '---').join(' | ')} |\n`);
for (const [name, command] of Object.entries(SERVERS)) {
  const port = await freePort();
  await start(command, port);
  try {
    // Starts the long wait first. The receivers with one worker answer others only when it is over.
    const idling = await idle(port);
    const cells = [
      await chunked(port),
      await expectContinue(port),
      await unknownExpect(port),
      await statusOf(port, '/unknown'),
      await statusOf(port, '/hooks'),
      idling,
    ];
    process.stdout.write(`| ${name} | ${cells.join(' | ')} |\n`);
  } finally {
    endRunning();
  }
}
