import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { requestOf } from '../../domain/media.ts';
import { qualityEntryFile } from '../files/media-files.ts';
import { factsAfterRestart, playedFacts } from './played-facts.ts';

const facts = { duration: 10, type: 'video', notes: ['One.'], hasTakenThumbnail: false } as const;

test('facts stay as they are if the encode shows nothing else', () => {
  assert.equal(playedFacts(facts, 10.05, ['One.']), facts);
  assert.equal(playedFacts(facts, null, []), facts);
});

test('a duration that is played and notes of the encode replace what was found', () => {
  assert.deepEqual(playedFacts(facts, 6.4, ['Two.']), { ...facts, duration: 6.4, notes: ['One.', 'Two.'] });
});

const PLAYLISTS = {
  hls: '#EXTM3U\n#EXTINF:4.0,\na.ts\n#EXTINF:2.5,\nb.ts\n#EXT-X-ENDLIST\n',
  dash: `<MPD><Period><AdaptationSet contentType="audio"><Representation id="0" mimeType="audio/mp4">
<SegmentTemplate timescale="10" initialization="i" media="m"><SegmentTimeline><S t="0" d="40"/><S d="25"/></SegmentTimeline>
</SegmentTemplate></Representation></AdaptationSet></Period></MPD>`,
};

test('after a restart, notes and the duration of finished qualities are what the encodes showed', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-facts-'));
  t.after(() => rm(dir, { recursive: true }));
  for (const type of ['hls', 'dash'] as const) {
    const quality = { ...requestOf('360p'), type, position: 0 };
    const file = qualityEntryFile(dir, quality);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, PLAYLISTS[type]);
    const media = { notes: ['Two.'], qualities: [{ ...quality, status: 'done' as const }] };
    const expected = { ...facts, duration: 6.5, notes: ['One.', 'Two.'] };
    assert.deepEqual(await factsAfterRestart(dir, facts, media), expected, type);
  }
});
