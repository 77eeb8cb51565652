import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeCodecs, dashManifest, hevcCodecOf } from './dash-manifest.ts';

function manifestOf(codecs: string, bandwidth: number, duration = 'PT5.0S'): string {
  return `<MPD mediaPresentationDuration="${duration}" minBufferTime="PT4.0S"><Period>
<AdaptationSet id="0"><Representation id="0" mimeType="video/mp4" codecs="${codecs}" bandwidth="${bandwidth}">
<SegmentTemplate initialization="init-$RepresentationID$.m4s"></SegmentTemplate></Representation></AdaptationSet>
<AdaptationSet id="1"><Representation id="1" mimeType="audio/mp4" codecs="mp4a.40.2" bandwidth="96000">
<SegmentTemplate initialization="init-$RepresentationID$.m4s"></SegmentTemplate></Representation></AdaptationSet>
</Period></MPD>`;
}

test('qualities of one codec form one set, best first, and equal sound is listed once', () => {
  const manifest = dashManifest([
    { name: '1-360p', manifest: manifestOf('avc1.64001e', 800_000) },
    { name: '0-720p', manifest: manifestOf('avc1.64001f', 2_000_000, 'PT1M5.2S') },
    { name: '2-720p', manifest: manifestOf('hvc1.1.6.L93.90', 1_000_000) },
  ]);
  assert.deepEqual(
    [...manifest.matchAll(/<AdaptationSet [^>]*>|<Representation id="[^"]*"/g)].map(([found]) => found),
    [
      '<AdaptationSet id="0" contentType="video" segmentAlignment="true" startWithSAP="1">',
      '<Representation id="0-720p-video"',
      '<Representation id="1-360p-video"',
      '<AdaptationSet id="1" contentType="video" segmentAlignment="true" startWithSAP="1">',
      '<Representation id="2-720p-video"',
      '<AdaptationSet id="2" contentType="audio" segmentAlignment="true" startWithSAP="1">',
      '<Representation id="1-360p-audio"',
    ],
  );
  assert.match(manifest, /mediaPresentationDuration="PT1M5.2S"/);
});

test('a quality’s segments are found in its own directory', () => {
  const manifest = dashManifest([{ name: '0-720p', manifest: manifestOf('avc1.64001f', 1) }]);
  assert.match(manifest, /<BaseURL>0-720p\/<\/BaseURL><SegmentTemplate initialization="init-0.m4s">/);
  assert.match(manifest, /<BaseURL>0-720p\/<\/BaseURL><SegmentTemplate initialization="init-1.m4s">/);
});

test('H.265’s codec string is read from its hvcC box', () => {
  const box = Buffer.from('6876634301016000000090000000000078f000', 'hex');
  assert.equal(hevcCodecOf(Buffer.concat([Buffer.from('moov…'), box])), 'hvc1.1.6.L120.90');
  assert.equal(hevcCodecOf(Buffer.from('moov avcC')), null);
  assert.equal(hevcCodecOf(Buffer.from('hvcC')), null);
  assert.equal(completeCodecs('<R codecs="hvc1" />', 'hvc1.1.6.L120.90'), '<R codecs="hvc1.1.6.L120.90" />');
});
