import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FoundPackets, TimeJump } from './packet-times.ts';
import { type ProbeReport, type ReportedStream, readReport } from './probe-report.ts';
import { sizeNotes, sourceNotes } from './source-notes.ts';

const video: ReportedStream = { index: 0, codec_type: 'video', codec_name: 'h264', width: 64, height: 64 };
const audio: ReportedStream = {
  index: 1,
  codec_type: 'audio',
  codec_name: 'aac',
  channels: 2,
  sample_rate: '48000',
};
const packet: FoundPackets = {
  count: 9,
  start: 0,
  end: 10,
  undecodable: 0,
  position: 0,
  keyFrames: 9,
  paceChangesAt: null,
  gaps: [],
};

interface File {
  readonly streams?: readonly ReportedStream[];
  readonly packets?: Record<number, FoundPackets>;
  readonly format?: ProbeReport['format'];
  readonly jumps?: readonly TimeJump[];
  readonly isDamaged?: boolean;
  readonly statedEnd?: number;
}

function notes(file: File): string {
  const { streams = [video, audio], packets, format = {}, jumps = [], isDamaged = false } = file;
  const report = { streams, format };
  const found = packets ?? Object.fromEntries(streams.map(({ index }) => [index, packet]));
  const times = new Map(Object.entries(found).map(([index, of]) => [Number(index), of]));
  const source = { report, packets: { times, jumps, isDamaged }, statedEnd: file.statedEnd ?? null };
  return sourceNotes(source, readReport(report, times)).join('\n');
}

test('a plain file has nothing to note', () => {
  assert.equal(notes({ format: { format_name: 'mov,mp4,m4a', duration: '10.02', start_time: '0' } }), '');
  const cover = { ...video, index: 2, disposition: { attached_pic: 1 } };
  assert.equal(notes({ streams: [audio, cover, { index: 3, codec_type: 'data' }] }), '');
});

test('each stream that was left out is named, and why', () => {
  const empty = 'The file declares a sound track that holds no sound; the media has no sound.';
  assert.equal(notes({ packets: { 0: packet } }), empty);
  const second = { ...audio, index: 2 };
  assert.match(
    notes({ streams: [video, audio, second], packets: { 0: packet, 1: packet } }),
    /; it was left out/,
  );
  assert.match(
    notes({ streams: [{ ...video, width: 0 }, audio] }),
    /picture of track 1 \(h264\) could not be read/,
  );
  const { codec_name: _, ...unknown } = video;
  assert.match(notes({ streams: [unknown, audio] }), /picture of track 1 is of a kind that can't be decoded/);
  assert.match(
    notes({ streams: [video, audio, second] }),
    /more than one sound; that of track 3 was left out/,
  );
});

test('a beginning that cannot be decoded is noted', () => {
  assert.match(
    notes({ packets: { 0: { ...packet, undecodable: 6.13 }, 1: packet } }),
    /^The first 6.1 s of the pic/,
  );
});

test('a stated duration that is not found is noted, and an estimated one is not', () => {
  const of = (format_name: string, duration: string, start_time = '0') =>
    notes({ format: { format_name, duration, start_time } });
  const cut =
    'The file ends after 10 s of the 15.5 s that it states; the rest is missing, or the statement is wrong.';
  assert.equal(of('mov,mp4,m4a', '15.5'), cut);
  assert.match(of('matroska,webm', '5'), /^The file lasts 10 s, and not 5 s as it states/);
  const late = { ...packet, start: 2, end: 12 };
  for (const duration of ['12', '10']) {
    const format = { format_name: 'matroska,webm', duration, start_time: '2' };
    assert.equal(notes({ format, packets: { 0: late, 1: late } }), '', 'counted from 0, or from the start');
  }
  assert.equal(of('mpegts', '15.5') + of('aac', '1600') + of('mp3', '90') + of('mov', 'N/A'), '');
  assert.equal(of('mp3', '15.5', '0.025'), cut, 'an MP3 with a header');
});

test('jumps are told by what follows from them', () => {
  const jumped = (format_name: string, to: number) =>
    notes({ format: { format_name, start_time: '1' }, jumps: [{ stream: 0, from: 6, to }] });
  assert.match(jumped('mpegts', 1), /jump after 5 s; its parts are played one after the other/);
  assert.match(jumped('flv', 66), /jump ahead by 60 s after 5 s/);
  assert.match(jumped('matroska,webm', 1), /go back by 5 s after 5 s/);
  assert.equal(notes({ jumps: [{ stream: 7, from: 6, to: 0 }] }), '', 'of a stream that is not used');
});

test('a size or a sample rate that changes is noted', () => {
  assert.equal(
    sizeNotes(['160×90', '320×180']).join(),
    'The size of the picture changes from 160×90 to 320×180; all of it is fitted into one size.',
  );
  assert.deepEqual([...sizeNotes(['160×90']), ...sizeNotes([])], []);
  const changed = { ...packet, paceChangesAt: 5 };
  assert.match(
    notes({ packets: { 0: packet, 1: changed } }),
    /^The sample rate of the sound changes after about 5 s/,
  );
  const opus = { ...audio, codec_name: 'opus' };
  assert.equal(notes({ streams: [video, opus], packets: { 0: packet, 1: changed } }), '');
});

test('a part that neither stream has, or that is missing from a damaged container, is noted', () => {
  const lost = { ...packet, gaps: [{ start: 3, end: 4.5 }] };
  const noted = /^The file holds nothing that can be played from 3 s to 4.5 s\.$/;
  assert.match(notes({ packets: { 0: lost, 1: lost } }), noted);
  assert.equal(notes({ packets: { 0: packet, 1: lost } }), '', 'a pause of the sound');
  assert.match(notes({ packets: { 0: packet, 1: lost }, isDamaged: true }), noted);
});

test('a file that ends before the end that it states is noted once', () => {
  const format = { format_name: 'avi', duration: '10', size: '700' };
  assert.match(
    notes({ format, statedEnd: 1000 }),
    /^The file was cut off: .* 10 s, .* 300 bytes .* missing\.$/,
  );
  const stated = notes({ format: { ...format, duration: '20' }, statedEnd: 1000 });
  assert.match(stated, /^The file ends after 10 s of the 20 s that it states; .*$/);
});
