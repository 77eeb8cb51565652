import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_MEDIA_LIMITS as limits } from '../../../domain/media-limits.ts';
import { mediaInputArgs, pictureInputArgs } from '../ffmpeg/input-args.ts';
import type { Rendition } from '../plan/rendition.ts';
import { plainFrame } from '../testing/plain-frame.ts';
import { encodeArgs, encodeTogetherArgs } from './encode-args.ts';
import { pictureFilters } from './picture-filters.ts';

const mix = { matrix: null, isLoud: false, note: null };
const rendition: Rendition = {
  type: 'hls',
  segmentFormat: 'mpegts',
  segmentSeconds: 6,
  timeline: { beginsAt: 1.4, durationSeconds: 60 },
  video: {
    stream: 0,
    codec: 'h264',
    width: 1280,
    height: 720,
    frameRate: 25,
    deinterlace: false,
    frame: plainFrame(1920, 1080),
    bitrate: { kind: 'peak', bitsPerSecond: 2_800_000 },
  },
  audio: { stream: 1, right: null, mix, bitrate: 128_000, sampleRate: 44_100, language: null },
};
const sound =
  'asetpts=PTS-(1.4)/TB,' +
  'aresample=44100:flags=res:async=1:min_comp=0.01:max_soft_comp=0.015:min_hard_comp=0.03:first_pts=0,' +
  'aformat=channel_layouts=stereo,apad,atrim=end=60';
const video = rendition.video as NonNullable<Rendition['video']>;

const bt709 = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
const tags = [...bt709, '-color_range', 'tv'];

/** Returns the arguments after those of the inputs. */
function outputArgs(of: Rendition): string[] {
  const args = encodeArgs('/data/source', of, limits);
  return args.slice(args.indexOf('-map'));
}

test('HLS in transport stream segments, H.264 at constant quality below a peak', () => {
  assert.deepEqual(outputArgs(rendition), [
    ...['-map', '0:0', '-map', '1:1', '-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'],
    ...['-vf', pictureFilters(video, rendition.timeline), '-r', '25', '-fps_mode', 'cfr'],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-x264-params',
      'subme=1',
      '-profile:v',
      'high',
      '-sc_threshold',
      '0',
      '-threads',
      '2',
    ],
    ...tags,
    ...['-crf', '23.5', '-maxrate', '2800000', '-bufsize', '5600000'],
    ...['-force_key_frames', 'expr:gte(t,n_forced*6)*lt(t,59.7)', '-forced-idr', '1', '-g', '158'],
    ...['-c:a', 'aac', '-b:a', '128000', '-ac', '2', '-ar', '44100', '-af', sound],
    ...['-avoid_negative_ts', 'disabled'],
    ...['-f', 'hls', '-hls_time', '6', '-hls_playlist_type', 'vod', '-hls_flags', 'independent_segments'],
    ...['-hls_segment_type', 'mpegts', '-hls_segment_filename', 'segment-%05d.ts'],
    ...['-output_ts_offset', '8.6', 'index.m3u8'],
  ]);
});

test('DASH, H.265 at a mean bitrate, deinterlaced, without sound', () => {
  const asked: Rendition = {
    ...rendition,
    type: 'dash',
    segmentFormat: 'fmp4',
    segmentSeconds: 2,
    video: {
      ...video,
      codec: 'h265',
      frameRate: 30000 / 1001,
      deinterlace: true,
      bitrate: { kind: 'mean', bitsPerSecond: 1_000_000 },
    },
    audio: null,
  };
  assert.deepEqual(outputArgs(asked), [
    ...['-map', '0:0', '-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'],
    ...['-vf', pictureFilters({ ...video, frameRate: 30000 / 1001, deinterlace: true }, rendition.timeline)],
    ...['-r', '30000/1001', '-fps_mode', 'cfr'],
    ...['-c:v', 'libx265', '-preset', 'veryfast'],
    ...['-x265-params', 'log-level=error:scenecut=0:open-gop=0:pools=2', '-tag:v', 'hvc1', '-threads', '2'],
    ...tags,
    ...['-b:v', '1000000', '-maxrate', '1500000', '-bufsize', '3000000'],
    ...['-force_key_frames', 'expr:gte(t,n_forced*2)*lt(t,59.7)', '-forced-idr', '1', '-g', '69'],
    ...['-avoid_negative_ts', 'disabled'],
    ...['-f', 'dash', '-seg_duration', '2', '-use_template', '1', '-use_timeline', '1'],
    ...['-adaptation_sets', 'id=0,streams=v', '-init_seg_name', 'init-$RepresentationID$.m4s'],
    ...['-media_seg_name', 'segment-$RepresentationID$-$Number%05d$.m4s', 'manifest.mpd'],
  ]);
});

test('sound alone in fragmented MP4', () => {
  assert.deepEqual(outputArgs({ ...rendition, segmentFormat: 'fmp4', video: null }), [
    ...['-map', '0:1', '-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'],
    ...['-c:a', 'aac', '-b:a', '128000', '-ac', '2', '-ar', '44100', '-af', sound],
    ...['-avoid_negative_ts', 'disabled'],
    ...['-f', 'hls', '-hls_time', '6', '-hls_playlist_type', 'vod', '-hls_flags', 'independent_segments'],
    ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init.mp4'],
    ...['-hls_segment_filename', 'segment-%05d.m4s', 'index.m3u8'],
  ]);
});

test('a transport stream of few pictures a second keeps their order', () => {
  const isOrdered = (of: Partial<Rendition>, frameRate: number) =>
    outputArgs({ ...rendition, ...of, video: { ...video, frameRate } })
      .join(' ')
      .includes('-bf 0');
  assert.equal(isOrdered({}, 15), true);
  assert.equal(isOrdered({}, 24000 / 1001), false);
  assert.equal(isOrdered({ segmentFormat: 'fmp4' }, 15), false);
});

test('the size of frames is bounded for the decoder, and the threads for decoder and encoder', () => {
  const limits = { maxPixels: 1234, threads: 3 };
  const input = ['-max_pixels', '1234', '-threads', '3', '-i', 'file:/data/source'];
  for (const inputArgs of [mediaInputArgs, pictureInputArgs]) {
    assert.deepEqual(inputArgs('/data/source', limits).slice(-input.length), input);
  }
  for (const codec of ['h264', 'h265'] as const) {
    const args = encodeArgs('/data/source', { ...rendition, video: { ...video, codec } }, limits);
    assert.ok(args.join(' ').includes(input.join(' ')), codec);
    const threads = args.filter((_, n) => args[n - 1] === '-threads');
    assert.deepEqual(threads, ['3', '3', '3'], codec);
    const pools = args.join(' ').match(/:pools=\d+/g);
    assert.deepEqual(pools, codec === 'h265' ? [':pools=3'] : null);
  }
});

test('an input cannot open another file, and its format cannot name one', () => {
  const args = mediaInputArgs('/data/-i: source', limits);
  assert.deepEqual(args.slice(0, 2), ['-protocol_whitelist', 'file']);
  const formats = args[args.indexOf('-format_whitelist') + 1]?.split(',') ?? [];
  for (const format of ['hls', 'dash', 'concat', 'image2', 'lavfi', 'sdp', 'tty', 'imf']) {
    assert.ok(!formats.includes(format), format);
  }
  assert.deepEqual(args.slice(-2), ['-i', 'file:/data/-i: source']);
});

test('a small picture is encoded with the preset alone, because it has few bits', () => {
  const args = encodeArgs(
    '/data/source',
    { ...rendition, video: { ...video, width: 640, height: 360 } },
    limits,
  );
  assert.ok(!args.includes('-x264-params'));
  assert.equal(args[args.indexOf('-crf') + 1], '23');
});

test('a file whose times jump is opened once, and ffmpeg joins its parts', () => {
  const { timeline } = rendition;
  const args = encodeArgs(
    '/data/source',
    { ...rendition, timeline: { ...timeline, joined: [0, 1] } },
    limits,
  );
  const input = mediaInputArgs('/data/source', limits);
  assert.ok(args.join(' ').includes([...input, '-map', '0:0', '-map', '0:1'].join(' ')), args.join(' '));
  assert.deepEqual(args.slice(0, 2), ['-dts_delta_threshold', '1']);
  assert.equal(args.filter((arg) => arg === '-i').length, 1);
  assert.ok(!args.includes('-copyts'));
});

test('sound alone of a file whose times jump is joined by the times of its picture', () => {
  const joined = { ...rendition, video: null, timeline: { ...rendition.timeline, joined: [0, 1] } };
  const args = encodeArgs('/data/source', joined, limits);
  assert.deepEqual(args.slice(-7), ['-map', '0:0', '-c', 'copy', '-f', 'null', '-']);
});

test('sound that was converted is read from its file, with its own time if times jump', () => {
  const audio = { stream: 0, right: null, mix, bitrate: 128_000, sampleRate: 44_100, language: null };
  const converted = {
    ...rendition,
    audio: { ...audio, converted: { path: '/data/sound.nut', beginsAt: 2.5 } },
  };
  const own = ['-protocol_whitelist', 'file', '-i', 'file:/data/sound.nut'];
  const args = encodeArgs('/data/source', converted, limits);
  assert.ok(args.join(' ').includes([...own, '-map', '0:0', '-map', '1:0'].join(' ')));
  const joined = { ...converted, timeline: { ...rendition.timeline, joined: [0, 1] } };
  const joinedArgs = encodeArgs('/data/source', joined, limits);
  assert.ok(
    joinedArgs.join(' ').includes(['-itsoffset', '2.5', ...own, '-map', '0:0', '-map', '1:0'].join(' ')),
  );
  assert.deepEqual(joinedArgs.slice(-7), ['-map', '0:1', '-c', 'copy', '-f', 'null', '-']);
});

test('a file is read as deep as its streams need', () => {
  const args = encodeArgs('/data/source', rendition, {
    ...limits,
    depth: { bytes: 9_000_000, seconds: 12.5 },
  });
  const depth = ['-probesize', '9000000', '-analyzeduration', '12500000', '-i'];
  assert.equal(args.join(' ').split(depth.join(' ')).length, 3, 'for both inputs');
  assert.ok(!encodeArgs('/data/source', rendition, limits).includes('-probesize'));
});

test('qualities that are encoded together read the file once, and have the arguments that each has alone', () => {
  const pair = { ...rendition, audio: rendition.audio && { ...rendition.audio, right: 2 } };
  for (const sound of [rendition, pair]) {
    const dash = { ...sound, type: 'dash', segmentFormat: 'fmp4' } as const;
    const args = encodeTogetherArgs('/data/source', [sound, dash], limits);
    const alone = (one: typeof sound) => {
      const all = encodeArgs('/data/source', one, limits);
      const input = all.lastIndexOf('-i') + 2;
      return [all.slice(0, input), all.slice(input)] as const;
    };
    const [input, hlsOutput] = alone(sound);
    const placed = (output: readonly string[], place: number) =>
      output.map((arg) =>
        arg
          .replace(/^(?=index.m3u8|manifest.mpd|segment-%)/, `output-${place}/`)
          .replace('[sound]', `[sound${place}]`),
      );
    assert.deepEqual(args, [...input, ...placed(hlsOutput, 0), ...placed(alone(dash)[1], 1)]);
  }
});
