import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonIn } from './failures.ts';

/** Messages of ffmpeg 5.1.9, 6.1, 8.1.2 and 9.0.2. */
const MESSAGES: readonly (readonly [component: string, stderr: string])[] = [
  ['encoder libx265', "Unknown encoder 'libx265'\n"],
  [
    'encoder libx265',
    "[vost#0:0 @ 0x7f70109cf040] Unknown encoder 'libx265'\n[vost#0:0 @ 0x7f70109cf040] Error selecting an encoder\nError opening output file -.\nError opening output files: Encoder not found\n",
  ],
  [
    'filter zscale',
    "[AVFilterGraph @ 0x56525bea7740] No such filter: 'zscale'\nError reinitializing filters!\nFailed to inject frame into filter network: Invalid argument\nError while processing the decoded data for stream #0:0\n",
  ],
  [
    'filter zscale',
    "[AVFilterGraph @ 0x7f5b7788dd00] No such filter: 'zscale'\nError opening output file -.\nError opening output files: Filter not found\n",
  ],
  [
    'container dash',
    "[NULL @ 0x55bda1534d00] Requested output format 'dash' is not a suitable output format\nx.mpd: Invalid argument\n",
  ],
  [
    'container dash',
    "[AVFormatContext @ 0x7f9a0d719ac0] Requested output format 'dash' is not known.\n[out#0 @ 0x7f9a0d6d1c80] Error initializing the muxer for x.mpd: Invalid argument\n",
  ],
  ['decoder av1', 'Decoder (codec av1) not found for input stream #0:0\n'],
  [
    'decoder av1',
    '[vist#0:0/av1 @ 0x55] Decoding requested, but no decoder found for: av1\nError opening output files: Invalid argument\n',
  ],
  [
    'decoder AV1',
    "[av1 @ 0x7fdcac269040] Your platform doesn't support hardware accelerated AV1 decoding.\n[av1 @ 0x7fdcac269040] Failed to get pixel format.\n[vist#0:0/av1 @ 0x7fdcac281440] [dec:av1 @ 0x7fdcac281d00] Terminating thread with return code -1145393733 (No error information)\n",
  ],
  ['protocol file', 'file:/srv/media/1/source: Protocol not found\n'],
];

test('a component that the build lacks is named, and the file is not called damaged', () => {
  for (const [component, stderr] of MESSAGES) {
    const reason = `the server's ffmpeg lacks a component that is needed here: ${component}; the file may be in order`;
    assert.equal(reasonIn(stderr), reason);
  }
});
