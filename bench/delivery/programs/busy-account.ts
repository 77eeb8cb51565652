import { setPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, FormData, request } from 'undici';

/** Requests that an account makes again and again. */
export interface AccountLoad {
  readonly name: string;
  /** Number of requests at the same time. */
  readonly inFlight: number;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Paths of the requests, in turn. */
  readonly paths: readonly string[];
  /** Whether each path is requested only once. */
  readonly isOnce?: boolean;
  readonly json?: unknown;
  /** File to send in a form, in base64. */
  readonly file?: string;
}

/** Task of a program that makes requests of one account, as fast as the service answers them, for `seconds`. */
export interface BusyAccountTask {
  readonly url: string;
  readonly authorization: string;
  readonly loads: readonly AccountLoad[];
  readonly seconds: number;
}

/** Numbers of requests: answered with a success, refused with 429 or 503, and failed. */
interface Counts {
  answered: number;
  refused: number;
  failed: number;
}

export interface BusyAccountResult {
  readonly counts: Readonly<Record<AccountLoad['name'], Counts>>;
  /** CPU seconds of this program. */
  readonly cpuSeconds: number;
}

/**
 * Lowest priority of a process. The clients of an account run on other machines, so that this program must not
 * take the processors from the service, nor from the program that measures it.
 */
const LOWEST_PRIORITY = 19;
setPriority(LOWEST_PRIORITY);

const task: BusyAccountTask = JSON.parse(await text(process.stdin));
const agent = new Agent({ connections: 200 });
const endAt = performance.now() + task.seconds * 1_000;
const all: Record<string, Counts> = {};

type Body = { readonly body?: string | FormData; readonly headers: Record<string, string> };

/** Returns a function that makes the body of a request. A body of JSON is made only once. */
function bodies({ json, file }: AccountLoad): () => Body {
  if (file !== undefined) return () => formOf(file);
  const made: Body =
    json === undefined
      ? { headers: {} }
      : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } };
  return () => made;
}

function formOf(file: string): Body {
  const body = new FormData();
  body.append('file', new Blob([Buffer.from(file, 'base64')]), 'picture.png');
  return { body, headers: {} };
}

async function makeRequests(
  load: AccountLoad,
  counts: Counts,
  next: () => string | undefined,
): Promise<void> {
  const newBody = bodies(load);
  for (let path = next(); path !== undefined && performance.now() < endAt; path = next()) {
    const { body, headers } = newBody();
    const answer = await request(task.url + path, {
      method: load.method,
      headers: { authorization: task.authorization, ...headers },
      dispatcher: agent,
      ...(body !== undefined && { body }),
    });
    await answer.body.dump({ limit: Number.MAX_SAFE_INTEGER });
    if (answer.statusCode < 300) counts.answered += 1;
    else if (answer.statusCode === 429 || answer.statusCode === 503) {
      counts.refused += 1;
      await delay(1_000 * Number(answer.headers['retry-after'] ?? 1));
    } else counts.failed += 1;
  }
}

await Promise.all(
  task.loads.flatMap((load) => {
    const counts: Counts = { answered: 0, refused: 0, failed: 0 };
    all[load.name] = counts;
    let begun = 0;
    const next = () => {
      begun += 1;
      return load.isOnce ? load.paths[begun - 1] : load.paths[begun % load.paths.length];
    };
    return Array.from({ length: load.inFlight }, () => makeRequests(load, counts, next));
  }),
);
const { user, system } = process.cpuUsage();
const result: BusyAccountResult = { counts: all, cpuSeconds: (user + system) / 1e6 };
process.stdout.write(JSON.stringify(result));
await agent.destroy();
