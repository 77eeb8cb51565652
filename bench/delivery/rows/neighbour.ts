import { freePort, type ServiceProcess } from '../../../test/support/service/service-process.ts';
import type { AccountLoad, BusyAccountResult, BusyAccountTask } from '../programs/busy-account.ts';
import type { ProbeResult } from '../programs/probe.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { runProgram } from '../run-program.ts';
import { createLargeMedia, createPausedWebhooks, LARGEST } from '../seed.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';

const GOAL = 2;
const PACE = { perSecond: 200, warmUpSeconds: 3, seconds: 15 };
const MEDIA = 1_000;
const DELETED = { webhooks: 8, deliveries: 25_000 };
/** A picture of one pixel, in base64. */
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

export const neighbour: Row = {
  name: 'neighbour',
  measures:
    'p99 of publishing for one account while another lists, filters, deletes and sets thumbnails as hard as its limits let it, ÷ alone',
  goal: `≤ ${GOAL}`,
  run,
};

/** Ids of the objects of the busy account. */
interface Holdings {
  readonly media: readonly string[];
  readonly webhooks: readonly string[];
}

/** Everything that an account may do at the same time. */
function loadsOf({ media, webhooks }: Holdings): AccountLoad[] {
  const lists = { method: 'POST', paths: ['/api/media'], inFlight: 8 } as const;
  return [
    { name: 'lists of 100 large media', ...lists, json: { limit: 100 } },
    { name: 'filters by 50 tags and 50 metadata', ...lists, json: { ...LARGEST, limit: 1 } },
    {
      name: `webhooks deleted, each with ${DELETED.deliveries} deliveries`,
      method: 'DELETE',
      paths: webhooks.map((id) => `/api/webhooks/${id}`),
      isOnce: true,
      inFlight: 2,
    },
    {
      name: 'thumbnails set',
      method: 'POST',
      paths: media.slice(0, 100).map((id) => `/api/media/${id}/thumbnail`),
      file: PICTURE,
      inFlight: 16,
    },
  ];
}

async function run(): Promise<RowResult> {
  const port = await freePort();
  const service = await ServiceUnderLoad.create([[`http://127.0.0.1:${port}/`]]);
  try {
    const { dataDir, client } = service.process;
    const { userId } = client.credentials;
    const holdings = {
      media: await createLargeMedia(dataDir, userId, MEDIA),
      webhooks: await createPausedWebhooks(dataDir, userId, DELETED),
    };
    await service.process.start();
    const probe = () => service.probe({ ...PACE, hosts: ['127.0.0.1'], port, hanging: [] });
    const before = await probe();
    const cpu = service.cpuSeconds;
    const [beside, busy] = await Promise.all([probe(), keepBusy(service.process, loadsOf(holdings))]);
    const busyService = (service.cpuSeconds - cpu) / (PACE.warmUpSeconds + PACE.seconds);
    const after = await probe();
    return compare({ before, beside, after }, busy, busyService);
  } finally {
    await service.remove();
  }
}

function keepBusy(
  { url, client }: ServiceProcess,
  loads: readonly AccountLoad[],
): Promise<BusyAccountResult> {
  const seconds = PACE.warmUpSeconds + PACE.seconds;
  const authorization = client.headers.authorization ?? '';
  return runProgram('busy-account.ts', { url, authorization, loads, seconds } satisfies BusyAccountTask);
}

function compare(
  { before, beside, after }: Record<'before' | 'beside' | 'after', ProbeResult>,
  { counts: requests, cpuSeconds }: BusyAccountResult,
  busyService: number,
): RowResult {
  const alone = (before.publishing.p99 + after.publishing.p99) / 2;
  const ratio = beside.publishing.p99 / alone;
  const counts = Object.values(requests);
  const lost = beside.missing + beside.errors;
  const isBusy = counts.every(({ answered, failed }) => answered > 0 && failed === 0);
  return {
    value: rounded(ratio),
    holds: ratio <= GOAL && lost === 0 && isBusy,
    from: {
      'p99 of publishing alone, ms': rounded(alone),
      'p99 of publishing beside the busy account, ms': rounded(beside.publishing.p99),
      'slowest beside the busy account, ms': rounded(beside.publishing.max),
      'p50 of publishing alone, ms': rounded((before.publishing.p50 + after.publishing.p50) / 2),
      'p50 of publishing beside the busy account, ms': rounded(beside.publishing.p50),
      'p99 from the 202 to the first byte alone, ms': rounded((before.p99 + after.p99) / 2),
      'p99 from the 202 to the first byte beside the busy account, ms': rounded(beside.p99),
      ...Object.fromEntries(
        Object.entries(requests).map(([name, { answered, refused }]) => [
          name,
          `${answered}, and ${refused} refused`,
        ]),
      ),
      'cores busy: service, without ffmpeg': rounded(busyService),
      'cores busy: load generator of the busy account': rounded(
        cpuSeconds / (PACE.warmUpSeconds + PACE.seconds),
      ),
      'events that never came, requests refused': lost,
    },
  };
}
