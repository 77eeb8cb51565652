import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { makeClip } from '../../support/media/clips.ts';
import { ServiceProcess } from '../../support/service/service-process.ts';

/** Program that is ffmpeg without the encoder of H.265. */
const WITHOUT_H265 = `#!/bin/sh
case "$*" in -codecs) ffmpeg -codecs | sed 's/ libx265//'; exit;; esac
for argument; do
  shift
  [ "$argument" = libx265 ] && argument=absent-encoder
  set -- "$@" "$argument"
done
exec ffmpeg "$@"
`;

test('what the build of ffmpeg lacks is said at the start, by check-config and by the media that need it', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-lacking-'));
  const ffmpeg = join(dir, 'ffmpeg');
  await writeFile(ffmpeg, WITHOUT_H265);
  await chmod(ffmpeg, 0o755);
  const settings = { MEDIAHOOKS_FFMPEG: ffmpeg, MEDIAHOOKS_LOG_LEVEL: 'warn' };
  const service = await ServiceProcess.create({ settings });
  t.after(async () => {
    await service.remove();
    await rm(dir, { recursive: true });
  });

  const { stdout } = await service.run(['check-config']);
  assert.match(stdout, /^ffmpeg lacks encoder libx265: qualities in H\.265 fail$/m);
  assert.equal(stdout.match(/^ffmpeg lacks /gm)?.length, 1);

  await service.start();
  const { client } = service;
  const qualities = [{ resolution: '144p', video_config: { codec: 'h265' } }];
  const id = await client.upload(await makeClip({ width: 64, height: 48 }), { qualities });
  const media = await eventually('the media has failed', async () => {
    const { data } = await client.expect(200, 'GET', `/media/${id}`);
    return data.status === 'fail' ? data : null;
  });
  assert.match(media.error, /^144p: the server's ffmpeg lacks a component .* encoder absent-encoder/);

  const { stderr } = await service.terminate();
  const entries = stderr.split('\n').filter((line) => line.includes('ffmpeg lacks a component'));
  assert.deepEqual(
    entries.map((line) => JSON.parse(line)).map(({ component, consequence }) => [component, consequence]),
    [['encoder libx265', 'qualities in H.265 fail']],
  );
});
