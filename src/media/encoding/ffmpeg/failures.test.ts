import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChildEnd } from './child-process.ts';
import { outcomeOf, outcomeOfError, reasonIn } from './failures.ts';
import { outTimeIn } from './run.ts';

const failed: ChildEnd = {
  exitCode: 1,
  endSignal: null,
  aborted: false,
  timedOut: false,
  memoryBounded: false,
  stderr: '',
};

function kindOf(end: Partial<ChildEnd>): string {
  const outcome = outcomeOf({ ...failed, ...end });
  return outcome.ok ? 'ok' : outcome.kind;
}

test('an end is the file’s fault only if nothing else explains it', () => {
  assert.equal(kindOf({ exitCode: 0 }), 'ok');
  assert.equal(kindOf({}), 'failed');
  assert.equal(kindOf({ stderr: 'av_interleaved_write_frame(): No space left on device' }), 'no-space');
  assert.equal(
    kindOf({ exitCode: null, endSignal: 'SIGKILL' }),
    'killed',
    'the kernel, because memory is short',
  );
  assert.equal(kindOf({ exitCode: 255 }), 'killed', 'SIGTERM to the whole service, which ffmpeg catches');
  assert.equal(kindOf({ stderr: 'x: Cannot allocate memory' }), 'killed');
  assert.equal(kindOf({ exitCode: null, endSignal: 'SIGSEGV' }), 'failed', 'the file crashes the decoder');
  assert.equal(kindOf({ exitCode: null, endSignal: 'SIGKILL', aborted: true }), 'aborted');
});

test('a run that a bound ended is the file’s fault', () => {
  assert.equal(kindOf({ exitCode: null, endSignal: 'SIGKILL', timedOut: true }), 'failed');
  assert.equal(kindOf({ exitCode: null, endSignal: 'SIGXFSZ' }), 'failed');
  for (const stderr of [
    'x: Cannot allocate memory',
    'x264 [error]: malloc of size 300 failed',
    'x265 [error]: Unable to allocate memory\n[libx265 @ 0x55ae] Cannot open libx265 encoder.',
  ]) {
    assert.equal(kindOf({ stderr, memoryBounded: true }), 'failed');
    assert.equal(kindOf({ stderr, memoryBounded: true, exitCode: null, endSignal: 'SIGSEGV' }), 'failed');
  }
});

test('a run that lacked files or threads is not the file’s fault', () => {
  for (const stderr of [
    "[hls @ 0x55ae] Failed to open file 'segment-00001.ts': Too many open files\n",
    'Error while opening the output: Too many open files in system\nConversion failed!\n',
    'ffmpeg: error while loading shared libraries: libx264.so.164: cannot open shared object file: Error 24\n',
  ]) {
    assert.equal(kindOf({ stderr, memoryBounded: true }), 'exhausted', stderr);
  }
  assert.equal(kindOf({ stderr: 'pthread_create failed: Resource temporarily unavailable' }), 'killed');
  assert.equal(kindOf({ stderr: "the title 'Too many open files' is bad: Invalid argument" }), 'failed');
});

test('an exception for a temporary reason is an outcome, even when wrapped; any other is a defect', () => {
  const error = (code: string) => Object.assign(new Error(code), { code });
  assert.equal(outcomeOfError(error('ENOSPC')).kind, 'no-space');
  for (const code of ['EIO', 'EROFS', 'ESTALE']) assert.equal(outcomeOfError(error(code)).kind, 'refused');
  for (const code of ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']) {
    assert.equal(outcomeOfError(error(code)).kind, 'exhausted');
    const cause = error(code);
    assert.equal(outcomeOfError(new Error('ffmpeg could not be started', { cause })).kind, 'exhausted');
  }
  assert.throws(() => outcomeOfError(error('EACCES')), { code: 'EACCES' });
});

test('a reason says what happened, and nothing about this machine', () => {
  assert.equal(
    reasonIn(
      '[mov,mp4 @ 0x55ae] moov atom not found\nfile:/srv/media/1/source: Invalid data found when processing input\n',
    ),
    'the file is damaged, or of a format that is not accepted',
  );
  assert.equal(
    reasonIn('[libx265 @ 0x1f] Cannot open /srv/media/1/work/x.bin\nConversion failed!\n'),
    'the file could not be encoded: Cannot open the file',
  );
  assert.equal(
    reasonIn(
      '[auto_aresample_0 @ 0x5d] [SWR @ 0x5e] Rematrix is needed between 12 channels and stereo\n' +
        '[auto_aresample_0 @ 0x5d] Failed to configure output pad on auto_aresample_0\nError reinitializing filters!\n' +
        'Failed to inject frame into filter network: Invalid argument\n' +
        'Error while processing the decoded data for stream #0:0\nConversion failed!\n',
    ),
    'the sound of the file could not be encoded: Rematrix is needed between 12 channels and stereo',
  );
  assert.equal(reasonIn('\n'), 'the encoder failed on the file without a message');
  assert.ok(reasonIn('x'.repeat(4096)).length <= 300);
});

test('progress is read only from out_time_us', () => {
  assert.equal(outTimeIn('out_time_us=1500000'), 1.5);
  assert.equal(outTimeIn('out_time_us=N/A'), null);
  assert.equal(outTimeIn('out_time_ms=1500000'), null);
  assert.equal(outTimeIn('out_time_us=-21333'), null);
});
