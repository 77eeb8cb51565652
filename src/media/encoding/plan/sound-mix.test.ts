import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixOf } from './sound-mix.ts';

const matrixOf = (channels: number, layout?: string) =>
  mixOf(layout === undefined ? { channels } : { channels, layout }).matrix ?? '';

test('two channels stay as they are unless they are something else than left and right', () => {
  assert.deepEqual(
    [2, 2, 2].map((channels, n) => matrixOf(channels, ['stereo', 'downmix', undefined][n])),
    ['', '', ''],
  );
  assert.equal(matrixOf(2, '2 channels (FC+LFE)'), 'c0=1*c0|c1=1*c1');
});

test('mono is as loud on both sides as it was', () => {
  assert.equal(matrixOf(1, 'mono'), 'FL=FC+FL|FR=FC+FR');
  assert.equal(matrixOf(1), 'FL=FC+FL|FR=FC+FR');
  assert.equal(matrixOf(1, '1 channels (FL)'), 'c0=c0|c1=c0');
});

test('channels with names are mixed by these, and deep effects are left out', () => {
  for (const [channels, layout] of [
    [6, '5.1(side)'],
    [6, undefined],
    [8, '7.1'],
    [3, '3 channels (FL+FR+LFE)'],
  ] as const) {
    assert.match(matrixOf(channels, layout), /^FL=1\*FL\+.*0\.707\*SL.*0\.707\*FC.*\|FR=1\*FR/);
    assert.ok(!matrixOf(channels, layout).includes('LFE'));
    assert.equal(mixOf({ channels, ...(layout && { layout }) }).note, null);
  }
});

test('channels without names are mixed by their numbers, and the account is told', () => {
  assert.equal(matrixOf(3), 'c0=0.7071*c0+0.7071*c2|c1=1*c1');
  for (const channels of [9, 10, 12, 16, 32]) {
    const { matrix, note, isLoud } = mixOf({ channels });
    assert.equal(matrix?.match(/c\d+(?=[+|]|$)/g)?.length, channels);
    assert.match(note ?? '', new RegExp(`${channels} channels`));
    assert.ok(isLoud);
  }
  assert.match(matrixOf(4, '4 channels (FL+FR+USR1+USR2)'), /^c0=/);
});

test('ambisonic sound is heard from the front, with the stereo beside it', () => {
  assert.equal(matrixOf(4, 'ambisonic 1'), 'c0=0.707*c0+0.5*c1|c1=0.707*c0-0.5*c1');
  assert.equal(matrixOf(6, 'ambisonic 1+stereo'), 'c0=0.707*c0+0.5*c1+c4|c1=0.707*c0-0.5*c1+c5');
  assert.match(mixOf({ channels: 4, layout: 'ambisonic 1' }).note ?? '', /ambisonic/);
});
