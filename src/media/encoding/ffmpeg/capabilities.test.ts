import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FFMPEG, FFPROBE } from '../testing/sample-clips.ts';
import { codersIn, demuxersIn, filtersIn, findCapabilities, UNKNOWN_BUILD } from './capabilities.ts';
import { lacksOf } from './lacks.ts';

const { signal } = new AbortController();

test('the installed programs say their version and what they can do', async () => {
  const found = await findCapabilities({ ffmpegPath: FFMPEG, ffprobePath: FFPROBE }, { signal });
  const { capabilities, notRunnable } = found;
  assert.deepEqual(notRunnable, []);
  assert.match(capabilities.version ?? '', /^n?\d+\.\d+/);
  assert.deepEqual(lacksOf(capabilities), []);
  for (const kind of ['encoder', 'decoder', 'filter', 'demuxer'] as const) {
    assert.equal(capabilities.lacks(kind, 'nothing-has-this-name'), true, kind);
  }
});

test('of programs that cannot be run nothing is known, so that nothing counts as lacking', async () => {
  const programs = { ffmpegPath: '/nonexistent/ffmpeg', ffprobePath: 'false' };
  const { capabilities, notRunnable } = await findCapabilities(programs, { signal });
  assert.deepEqual(notRunnable, ['ffmpegPath', 'ffprobePath']);
  assert.equal(capabilities.version, null);
  assert.deepEqual([lacksOf(capabilities), lacksOf(UNKNOWN_BUILD)], [[], []]);
});

test('the lists of ffmpeg 5.1 and of 8.1 are read', () => {
  const codecs = [
    ' D..... = Decoding supported',
    ' DEV.LS h264                 H.264 / AVC (decoders: h264 h264_v4l2m2m ) (encoders: libx264 libx264rgb )',
    ' DEV.LS av1                  Alliance for Open Media AV1 (encoders: libsvtav1)',
    ' DEA.L. aac                  AAC (Advanced Audio Coding) (decoders: aac aac_fixed)',
    ' D.V.L. 4xm                  4X Movie',
    ' ..V.L. adpcm_none           Neither',
  ];
  assert.deepEqual([...codersIn(codecs, 'E')], ['libx264', 'libx264rgb', 'libsvtav1', 'aac']);
  assert.deepEqual([...codersIn(codecs, 'D')], ['h264', 'h264_v4l2m2m', 'av1', 'aac', 'aac_fixed', '4xm']);
  const filters = [
    '  T.. = Timeline support',
    '  | = Source or sink filter',
    ' TSC zscale            V->V       Apply resizing.',
    ' TS aap               AA->A      Apply Affine Projection algorithm.',
    ' ... abuffer           |->A       Buffer audio frames.',
  ];
  assert.deepEqual([...filtersIn(filters)], ['zscale', 'aap', 'abuffer']);
  const formats = [
    ' D. = Demuxing supported',
    ' D.. = Demuxing supported',
    ' DE dv              DV (Digital Video)',
    ' D  mov,mp4         QuickTime / MOV',
    '  E mov             QuickTime / MOV',
    ' D   matroska,webm   Matroska / WebM',
    ' DE  ac3             raw AC-3',
    ' DEd alsa            ALSA',
    '  E  dvd             MPEG-2 PS',
  ];
  assert.deepEqual([...demuxersIn(formats)], ['dv', 'mov', 'mp4', 'matroska', 'webm', 'ac3', 'alsa']);
});

test('a lack is named with what follows from it; of several decoders, one is enough', () => {
  const missing = ['libx265', 'libdav1d', 'libaom-av1', 'libgav1', 'vp9'];
  const lacks = (_kind: string, name: string) => missing.includes(name);
  assert.deepEqual(lacksOf({ version: '8.1.2', lacks }), [
    { component: 'encoder libx265', consequence: 'qualities in H.265 fail' },
    { component: 'decoder libdav1d, libaom-av1 or libgav1', consequence: "files with AV1 can't be decoded" },
  ]);
});

test('a version below 5.1 counts as a lack; one that is no number does not', () => {
  const versions = ['4.4.1-static', 'n5.0', '5.1.9-0+deb12u1', 'n8.1.2', '10.0', 'N-118000-gabcdef', null];
  assert.deepEqual(
    versions.filter((version) => lacksOf({ version, lacks: () => false }).length > 0),
    ['4.4.1-static', 'n5.0'],
  );
});
