import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colourOf, type ReportedColour } from './colour.ts';

const plain: ReportedColour = { codec_name: 'h264', height: 1080, pix_fmt: 'yuv420p' };

test('YUV that says nothing is BT.709 with limited range, whatever its size', () => {
  for (const height of [144, 576, 720, 2160]) {
    assert.deepEqual(colourOf({ ...plain, height }), {
      samples: 'yuv',
      hasAlpha: false,
      matrix: 'bt709',
      range: 'limited',
      primaries: 'bt709',
      transfer: 'sdr',
      isTabled: false,
    });
  }
  const unknown = { color_space: 'unknown', color_primaries: 'reserved', color_transfer: 'unknown' };
  assert.deepEqual(colourOf({ ...plain, ...unknown }), colourOf(plain));
});

test('the standards of some codecs name BT.601, those of television up to 576 lines', () => {
  const matrix = (codec_name: string, height: number) => colourOf({ ...plain, codec_name, height }).matrix;
  for (const codec of ['vp8', 'mpeg1video', 'h263', 'flv1']) assert.equal(matrix(codec, 1080), 'bt601');
  for (const codec of ['dvvideo', 'mpeg2video']) {
    assert.deepEqual(
      [matrix(codec, 480), matrix(codec, 576), matrix(codec, 1080)],
      ['bt601', 'bt601', 'bt709'],
    );
  }
});

test('what a file says about its colours is believed', () => {
  const colour = colourOf({
    ...plain,
    color_space: 'smpte170m',
    color_primaries: 'bt470bg',
    color_transfer: 'smpte170m',
    color_range: 'pc',
  });
  assert.deepEqual(
    [colour.matrix, colour.primaries, colour.transfer, colour.range],
    ['bt601', 'bt470bg', 'sdr', 'full'],
  );
  assert.equal(colourOf({ ...plain, pix_fmt: 'yuvj422p' }).range, 'full');
  assert.equal(colourOf({ ...plain, pix_fmt: 'yuvj422p', color_range: 'tv' }).range, 'limited');
});

test('HDR and BT.2020 are recognised by one of their tags alone', () => {
  const of = (tags: Partial<ReportedColour>) => {
    const { matrix, primaries, transfer } = colourOf({ ...plain, pix_fmt: 'yuv420p10le', ...tags });
    return [matrix, primaries, transfer];
  };
  assert.deepEqual(of({ color_transfer: 'smpte2084' }), ['bt2020', 'bt2020', 'pq']);
  assert.deepEqual(of({ color_transfer: 'arib-std-b67' }), ['bt2020', 'bt2020', 'hlg']);
  assert.deepEqual(of({ color_primaries: 'bt2020' }), ['bt2020', 'bt2020', 'sdr']);
  assert.deepEqual(of({ color_space: 'bt2020nc' }), ['bt2020', 'bt2020', 'sdr']);
  assert.deepEqual(of({ color_transfer: 'smpte2084', color_primaries: 'smpte432' }), ['bt2020', 'p3', 'pq']);
});

test('the kind of samples, and alpha, are those of the pixel format', () => {
  const kind = (pix_fmt: string) => {
    const { samples, hasAlpha } = colourOf({ ...plain, pix_fmt });
    return `${samples}${hasAlpha ? ' alpha' : ''}`;
  };
  const kinds: Record<string, readonly string[]> = {
    rgb: [
      'rgb24',
      'bgr0',
      '0rgb',
      'gbrp10le',
      'bgr48be',
      'rgb565le',
      'x2rgb10le',
      'bayer_rggb8',
      'monow',
      'xyz12le',
    ],
    'rgb alpha': ['rgba', 'bgra', 'argb', 'abgr', 'gbrap12le', 'rgba64be', 'pal8'],
    yuv: ['yuv411p', 'yuvj420p', 'nv12', 'p010le', 'uyvy422', 'yuyv422', 'yuv444p12le'],
    'yuv alpha': ['yuva420p', 'yuva444p12le', 'ayuv64le'],
    grey: ['gray', 'gray10le', 'gray16be'],
    'grey alpha': ['ya8', 'ya16be'],
  };
  for (const [expected, formats] of Object.entries(kinds)) {
    for (const format of formats) assert.equal(kind(format), expected, format);
  }
});

test('RGB and grey pictures have the full range, grey video the limited one', () => {
  const range = (codec_name: string, pix_fmt: string) => colourOf({ ...plain, codec_name, pix_fmt }).range;
  assert.deepEqual(
    [range('png', 'gray'), range('gif', 'bgra'), range('h264', 'gray')],
    ['full', 'full', 'limited'],
  );
});
