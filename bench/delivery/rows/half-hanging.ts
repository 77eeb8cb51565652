import { freePort } from '../../../test/support/service/service-process.ts';
import type { ProbeResult } from '../programs/probe.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';

const GOAL = 1.5;
const WEBHOOKS = 10_000;
const PER_SECOND = 400;
/** Duration of the measurement, if the command line sets none. */
const SECONDS = 600;
/**
 * Seconds before the measurement. The service learns which receivers hang: five thousand requests that are
 * unanswered for ten seconds, at most 750 of them at a time, take 67 seconds.
 */
const WARM_UP_SECONDS = 90;
/**
 * Milliseconds after which a receiver closes an idle connection. The program that holds all receivers has a
 * descriptor for each listener and each connection, and a process often may have 20,000 of them: with 15 s,
 * 6,000 connections are open at this rate.
 */
const KEEP_ALIVE_MS = 15_000;

export const halfHanging: Row = {
  name: 'half-hanging',
  measures: `p99 of the healthy among ${WEBHOOKS} webhooks at ${PER_SECOND} events/s while half of the receivers hang, ÷ without any`,
  goal: `≤ ${GOAL}, and not growing`,
  onlyByName: true,
  run: async (seconds) => run(seconds ?? SECONDS),
};

async function run(seconds: number): Promise<RowResult> {
  const without = await measure(seconds, () => false);
  const among = await measure(seconds, (index) => index % 2 === 0);
  const ratio = among.p99 / without.p99;
  const last = among.minutes.at(-1) ?? among;
  const lost = among.missing + among.errors;
  return {
    value: rounded(ratio),
    holds: ratio <= GOAL && last.p99 / without.p99 <= GOAL && lost === 0,
    from: {
      'events for healthy receivers': among.count,
      'p50 without, ms': rounded(without.p50),
      'p50 among hanging ones, ms': rounded(among.p50),
      'p99 without, ms': rounded(without.p99),
      'p99 among hanging ones, ms': rounded(among.p99),
      'p99 without, by the minute, ms': byMinute(without),
      'p99 among hanging ones, by the minute, ms': byMinute(among),
      'slowest among hanging ones, ms': rounded(among.max),
      'events that never came, requests refused': lost,
    },
  };
}

function byMinute({ minutes }: ProbeResult): string {
  return minutes.map(({ p99 }) => rounded(p99)).join(', ');
}

async function measure(seconds: number, hangs: (index: number) => boolean): Promise<ProbeResult> {
  const port = await freePort();
  // Each webhook has a host of its own with its own connections, as most receivers of customers do.
  const hosts = Array.from({ length: WEBHOOKS }, (_, n) => `127.1.${Math.floor(n / 250)}.${1 + (n % 250)}`);
  const urls = hosts.map((host, n) => [`http://${host}:${port}/${hangs(n) ? 'hang' : 'healthy'}`]);
  const service = await ServiceUnderLoad.start(urls, { MEDIAHOOKS_EGRESS_ALLOW: '127.0.0.0/8' });
  const pace = { perSecond: PER_SECOND, warmUpSeconds: WARM_UP_SECONDS, seconds, keepAliveMs: KEEP_ALIVE_MS };
  try {
    return await service.probe({ ...pace, hosts, port, hanging: service.userIds.filter((_, n) => hangs(n)) });
  } finally {
    await service.remove();
  }
}
