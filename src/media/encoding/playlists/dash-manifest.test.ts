import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dashManifest, manifestOf } from './dash-manifest.ts';
import { readManifest } from './read-manifest.ts';
import { initFile, type Representation, segmentFile } from './representation.ts';

/** Returns the manifest of a quality as ffmpeg 5 writes it. */
function written(codecs: string, bandwidth: number, last = 48_000): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<MPD mediaPresentationDuration="PT5.0S" minBufferTime="PT4.0S"><Period id="0" start="PT0.0S">
<AdaptationSet id="0" contentType="video" frameRate="30000/1001" par="16:9">
<Representation id="0" mimeType="video/mp4" codecs="${codecs}" bandwidth="${bandwidth}" width="640" height="360" sar="1:1">
<SegmentTemplate timescale="90000" initialization="init-$RepresentationID$.m4s" media="segment-$RepresentationID$-$Number%05d$.m4s" startNumber="1">
<SegmentTimeline><S t="0" d="180000" r="1" /><S d="90090" /></SegmentTimeline>
</SegmentTemplate></Representation></AdaptationSet>
<AdaptationSet id="1" contentType="audio"><Representation id="1" mimeType="audio/mp4" codecs="mp4a.40.2" bandwidth="96000" audioSamplingRate="48000">
<AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2" />
<SegmentTemplate timescale="48000" initialization="init-$RepresentationID$.m4s" media="segment-$RepresentationID$-$Number%05d$.m4s" startNumber="1">
<SegmentTimeline><S t="0" d="192000" /><S t="192000" d="${last}" /></SegmentTimeline>
</SegmentTemplate></Representation></AdaptationSet>
</Period></MPD>
`;
}

const quality = (name: string, manifest: string) => ({ name, representations: readManifest(manifest) });

test('qualities of one codec form one set, best first, and equal sound is listed once', () => {
  const manifest = dashManifest([
    quality('1-360p', written('avc1.64001e', 800_000)),
    quality('0-720p', written('avc1.64001f', 2_000_000)),
    quality('2-720p', written('hvc1.1.6.L93.90', 1_000_000)),
  ]);
  const sets = (kind: string) =>
    `contentType="${kind}" mimeType="${kind}/mp4" segmentAlignment="true" startWithSAP="1"`;
  assert.deepEqual(
    [...manifest.matchAll(/<AdaptationSet [^>]*>|<Representation id="[^"]*"/g)].map(([found]) => found),
    [
      `<AdaptationSet id="0" ${sets('video')} par="16:9">`,
      '<Representation id="0-720p-video"',
      '<Representation id="1-360p-video"',
      `<AdaptationSet id="1" ${sets('video')} par="16:9">`,
      '<Representation id="2-720p-video"',
      `<AdaptationSet id="2" ${sets('audio')}>`,
      '<Representation id="1-360p-audio"',
    ],
  );
});

test('the presentation lasts as long as its longest track, to the millisecond', () => {
  const durationOf = (manifest: string) => /mediaPresentationDuration="([^"]*)"/.exec(manifest)?.[1];
  assert.equal(durationOf(dashManifest([quality('0-360p', written('avc1.64001e', 1))])), 'PT5.0011S');
  assert.equal(durationOf(dashManifest([quality('0-360p', written('avc1.64001e', 1, 96_240))])), 'PT6.0051S');
});

test('a quality’s segments are found in its own directory', () => {
  const manifest = dashManifest([quality('0-720p', written('avc1.64001f', 1))]);
  const files = readManifest(manifest).map((of) => [initFile(of), segmentFile(of, 0), segmentFile(of, 11)]);
  assert.deepEqual(files, [
    ['init-0.m4s', 'segment-0-00001.m4s', 'segment-0-00012.m4s'],
    ['init-1.m4s', 'segment-1-00001.m4s', 'segment-1-00012.m4s'],
  ]);
  assert.equal(manifest.match(/<BaseURL>0-720p\/<\/BaseURL>/g)?.length, 2);
});

test('pictures of different ratios have no common ratio', () => {
  const [picture] = readManifest(written('avc1.64001f', 1));
  assert.ok(picture?.picture);
  const rounded: Representation = { ...picture, picture: { ...picture.picture, width: 426, height: 240 } };
  assert.match(manifestOf([rounded]), /par="71:40"/);
  assert.doesNotMatch(manifestOf([picture, rounded]), /par=/);
});

test('a manifest that is written is read as it was', () => {
  const representations = readManifest(written('avc1.64001f', 1));
  assert.deepEqual(representations[0]?.template.times, [
    { start: 0, duration: 180_000 },
    { start: 180_000, duration: 180_000 },
    { start: 360_000, duration: 90_090 },
  ]);
  assert.deepEqual(representations[1]?.sound, { sampleRate: 48_000, channels: 2 });
  assert.equal(representations[0]?.picture?.frameRate, '30000/1001');
  assert.deepEqual(readManifest(manifestOf(representations)), representations);
});
