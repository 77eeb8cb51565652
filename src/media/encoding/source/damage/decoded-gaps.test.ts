import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodedReader } from './decoded-gaps.ts';
import { damageNotes } from './find-damage.ts';

const packet = (time: number, flags = 'K_') => `packet|pts_time=${time}|dts_time=${time}|flags=${flags}`;
const picture = (time: number, rest = '') =>
  `frame|pts_time=${time}|best_effort_timestamp_time=${time}|pkt_duration_time=0.1|${rest}`;
const sound = (time: number) => `frame|pts_time=${time}|best_effort_timestamp_time=${time}|nb_samples=4800`;

function partsOf(lines: readonly string[], sampleRate: number | null = null) {
  const reader = new DecodedReader(sampleRate);
  for (const line of lines) reader.onLine(line);
  return reader.parts(0.6).map(({ start, end }) => [start, end].map((value) => Math.round(value * 10) / 10));
}

test('a picture with a complaint of its decoder is damaged, unless the complaint is harmless', () => {
  const complaint = (message: string) => [`log|level=16|message=${message}`];
  const lines = (message: string) =>
    [0, 0.1, 0.2].flatMap((at) => [packet(at), picture(at)]).concat(complaint(message));
  assert.deepEqual(partsOf(lines('error while decoding MB 1 1')), [[0.2, 0.3]]);
  assert.deepEqual(partsOf(lines('unable to decode APP fields: Invalid data')), []);
  const inline = [packet(0), picture(0, 'log|level=16|message=concealing errors')];
  assert.deepEqual(partsOf(inline), [[0, 0.1]]);
});

test('packets of which nothing comes are damaged, in the middle and at the end', () => {
  const whole = (at: number) => [packet(at), sound(at)];
  const lines = [...whole(0), ...whole(0.1), packet(0.2), packet(0.3), ...whole(0.4), packet(0.5)];
  assert.deepEqual(partsOf(lines, 48_000), [[0.2, 0.6]]);
});

test('a pause, a hidden packet, and pictures in another order are no damage', () => {
  assert.deepEqual(
    partsOf([packet(0), sound(0), packet(0.4), sound(0.4), packet(0.5), sound(0.5)], 48_000),
    [],
  );
  assert.deepEqual(partsOf([packet(0.2, '_D'), packet(0), picture(0), packet(0.5), picture(0.5)]), []);
  const reordered = [packet(0), packet(0.2), picture(0), packet(0.1), picture(0.1), picture(0.2)];
  assert.deepEqual(
    partsOf([
      ...reordered,
      packet(0.3),
      packet(0.5),
      packet(0.4),
      ...[0.3, 0.4, 0.5].map((at) => picture(at)),
    ]),
    [],
  );
});

test('a note says how much is damaged, and a single frame of sound is not told', () => {
  const span = { start: 0, end: 10 };
  const [one] = damageNotes([{ start: 1, end: 2 }], span, 'picture');
  assert.equal(one, "A part of the picture can't be decoded: from 1 s to 2 s.");
  assert.match(damageNotes([{ start: 1, end: 8 }], span, 'sound')[0] ?? '', /^Most of the sound /);
  assert.deepEqual(damageNotes([{ start: 1, end: 1.026 }], span, 'sound'), []);
});
