import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import { readConfig } from '../../src/config/config.ts';
import { startService } from '../../src/service/start-service.ts';

/**
 * Writes the types of the API's requests and answers, which the console's calls are checked with. They are made of the
 * description that the service itself gives, so that they always are those of this version.
 */

const OUTPUT = join(import.meta.dirname, '../src/api/generated/api.d.ts');
const HEADER = '// Made by console/build/api-types.ts of the service’s own description of its API.\n';

const description = await describe();
const text = HEADER + astToString(await openapiTS(description));
if (text !== (await readFile(OUTPUT, 'utf8').catch(() => null))) {
  await mkdir(dirname(OUTPUT), { recursive: true });
  await writeFile(OUTPUT, text);
}

/** Returns the description that a service gives that runs for this moment only. */
async function describe(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mediahooks-types-'));
  const settings = { MEDIAHOOKS_DATA_DIR: dataDir, MEDIAHOOKS_PORT: '0', MEDIAHOOKS_LOG_LEVEL: 'fatal' };
  const service = await startService(readConfig(settings));
  try {
    return await (await fetch(`${service.url}/api/openapi.json`)).text();
  } finally {
    await service.stop();
    await rm(dataDir, { recursive: true });
  }
}
