import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketReader } from './packet-times.ts';

function packetsOf(...lines: string[]) {
  const reader = new PacketReader();
  for (const line of lines) reader.onLine(line);
  return reader.packets();
}

function timesOf(...lines: string[]) {
  const rounded = (seconds: number) => Math.round(seconds * 1000) / 1000;
  const times = [...packetsOf(...lines).times].map(([stream, { count, start, end, undecodable }]) => [
    stream,
    [count, rounded(start), rounded(end), rounded(undecodable)],
  ]);
  return Object.fromEntries(times);
}

test('each stream lasts from its first packet to the end of its last one, in any order', () => {
  assert.deepEqual(
    timesOf('0,1.0,0.9,0.5,9,K__', '1,0.8,0.8,0.2,9,K__', '0,2.0,1.4,0.5,9,___', '0,1.5,1.9,0.5,9,___'),
    { 0: [3, 1, 2.5, 0], 1: [1, 0.8, 1, 0] },
  );
});

test('pictures before the first key frame do not count, nor those that an edit list hides', () => {
  assert.deepEqual(
    timesOf(
      ...['0,1.0,1.0,0.5,9,___', '0,1.5,1.5,0.5,9,_D_', '0,2.0,2.0,0.5,9,K__'],
      ...['0,1.9,2.1,0.1,9,___', '0,2.5,2.5,0.5,9,__C'],
    ),
    { 0: [2, 2, 3, 1] },
  );
  assert.deepEqual(timesOf('0,1.0,1.0,0.5,9,__'), { 0: [1, 1, 1.5, 0] }, 'no key frame at all');
});

test('pictures after a key frame that an edit list hides can be decoded', () => {
  const trimmed = ['0,0.0,0.0,0.5,9,KD_', '0,1.5,0.5,0.5,9,___', '0,1.0,1.0,0.5,9,___'];
  assert.deepEqual(timesOf(...trimmed), { 0: [2, 1, 2, 0] });
  const withLaterKey = [...trimmed, '0,2.0,1.5,0.5,9,K__', '0,2.5,2.0,0.5,9,___'];
  assert.deepEqual(timesOf(...withLaterKey), { 0: [4, 1, 3, 0] });
  const late = timesOf('0,0.5,0.5,0.5,9,___', '0,1.0,1.0,0.5,9,KD_', '0,1.5,1.5,0.5,9,___');
  assert.deepEqual(late, { 0: [1, 1.5, 2, 1] });
});

test('a time or duration that ffprobe does not know is replaced, or the packet is skipped', () => {
  assert.deepEqual(timesOf('0,N/A,3.0,N/A,N/A,K__', '0,N/A,N/A,0.5,N/A,K__', '1,N/A,N/A,N/A,N/A,K__', ''), {
    0: [1, 3, 3, 0],
  });
  const intervals = ['0,1,1,N/A,N/A,K_', '0,2,2,N/A,N/A,__', '0,3,3,N/A,N/A,__'];
  assert.deepEqual(timesOf(...intervals), { 0: [3, 1, 4, 0] }, 'the last packet lasts as long as others');
});

test('a stream is found at its first key frame, or at the packet of the container around it', () => {
  const { times } = packetsOf('0,1,1,1,100,___', '1,1,1,1,200,K__', '0,2,2,1,N/A,K__', '0,3,3,1,300,K__');
  assert.deepEqual([times.get(0)?.position, times.get(1)?.position], [200, 200]);
});

test('times that jump are noticed; gaps and reordered pictures are no jumps', () => {
  const first = (...lines: string[]) => packetsOf(...lines).jumps[0];
  assert.equal(first('0,1,0.9,.1,0,K_', '0,1.3,1,.1,0,__', '0,1.1,1.1,.1,0,__', '0,5,5,.1,0,__'), undefined);
  assert.equal(first('0,1,1,.1,0,K_', '1,5,5,.1,0,K_', '0,1.1,1.1,.1,0,__'), undefined, 'another stream');
  assert.deepEqual(first('0,1,1,1,0,K_', '0,2,2,1,0,K_', '0,1,1,1,0,K_'), { stream: 0, from: 3, to: 1 });
  assert.deepEqual(first('0,1,1,1,0,K_', '0,90,90,1,0,K_'), { stream: 0, from: 2, to: 90 });
  assert.deepEqual(first('0,1,1,1,0,K_', '1,90,90,1,0,K_'), { stream: 1, from: 1, to: 90 });
});

test('a file with too many streams is given up', () => {
  const reasons: string[] = [];
  const reader = new PacketReader((reason) => reasons.push(reason));
  for (let stream = 0; stream <= 256; stream += 1) reader.onLine(`${stream},0,0,1,0,K__`);
  assert.deepEqual(reasons, ['the file has more than 256 streams']);
  assert.equal(reader.packets().times.size, 256);
});

test('packets whose intervals change for good are noticed, whatever their container rounds', () => {
  const changesAt = (...durations: number[]) => {
    const reader = new PacketReader();
    let time = 0;
    for (const duration of durations) {
      reader.onLine(`0,${time},${time},${duration},0,K__`);
      time += duration;
    }
    return reader.packets().times.get(0)?.paceChangesAt ?? null;
  };
  const rounded = Array.from({ length: 200 }, (_, number) => (number % 5 === 0 ? 0.024 : 0.023));
  assert.equal(changesAt(...rounded), null);
  const at = changesAt(...Array(128).fill(1024 / 44_100), ...Array(128).fill(1024 / 48_000));
  assert.ok(at !== null && at > 2.9 && at < 6, String(at));
  const steady: number[] = Array(100).fill(1024 / 44_100);
  assert.equal(changesAt(...steady, 3, ...steady), null, 'a pause');
});

test('the time of a single packet that is far ahead does not count', () => {
  const reader = new PacketReader();
  for (const time of [0, 1, 2, 2099, 4, 5]) reader.onLine(`0,${time},${time},1,0,K_`);
  for (const time of [0, 1, 50, 51]) reader.onLine(`1,${time},${time},1,0,K_`);
  const { times, jumps } = reader.packets();
  assert.deepEqual([times.get(0)?.end, times.get(1)?.end], [6, 52]);
  assert.deepEqual(
    jumps.map(({ stream, from, to, isStray }) => [stream, from, to, isStray]),
    [
      [0, 3, 2099, true],
      [1, 2, 50, undefined],
    ],
  );
});
