import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../../data-folder/durable-files.ts';
import { ServiceError } from '../../domain/errors.ts';
import { partsDir, sourceFile } from '../files/media-files.ts';
import type { CoverStep } from './part-coverage.ts';
import { removeParts, unfinishedFile } from './parts-directory.ts';
import { fileFailure, isAbsent } from './upload-failure.ts';
import { sourceSize, type UploadedFile } from './uploaded-file.ts';
import { writeAll } from './write-all.ts';

/** Bytes copied at a time: few enough system calls, and small beside the memory of many assemblies at once. */
const COPY_BUFFER_BYTES = 1024 * 1024;

/**
 * Makes the source of the media at `dir` out of its parts and removes them. A lone part becomes the source itself;
 * several are copied, which needs the file's size once more on the disk until it is done.
 *
 * May be repeated after a crash at any point, and called twice at once: the source appears whole, by a rename, and
 * parts are removed only after it is durable. Where it is there already, only what is left of the parts goes.
 * @throws ApiError `storage_full`; `conflict` where the media was deleted meanwhile. The signal's reason on abort.
 */
export async function assembleSource(
  dir: string,
  file: UploadedFile,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  try {
    if (file.kind === 'parts' && (await sourceSize(dir)) === null) await makeSource(dir, file.steps, signal);
  } catch (error) {
    // Another call may have finished in the meantime, and removed the parts that this one was reading.
    if (!isAbsent(error)) throw fileFailure(error);
    if ((await sourceSize(dir)) === null) throw deletedMeanwhile(error);
  }
  // Even if it was found: whoever made it may have been killed before it was durable.
  await syncDirectory(dir);
  await removeParts(dir);
}

async function makeSource(dir: string, steps: readonly CoverStep[], signal?: AbortSignal): Promise<void> {
  const [first] = steps;
  if (first !== undefined && steps.length === 1) {
    // A single step has nothing before and nothing after it: the part is the file.
    await rename(join(partsDir(dir), first.file), sourceFile(dir));
    return;
  }
  // Among the parts, so that one which a killed process leaves goes with them.
  const tmpPath = unfinishedFile(dir);
  try {
    await copySteps(dir, steps, tmpPath, signal);
    await rename(tmpPath, sourceFile(dir));
  } catch (error) {
    await rm(tmpPath, { force: true });
    throw error;
  }
}

async function copySteps(
  dir: string,
  steps: readonly CoverStep[],
  tmpPath: string,
  signal?: AbortSignal,
): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(COPY_BUFFER_BYTES);
  const target = await open(tmpPath, 'wx');
  try {
    for (const step of steps) {
      const part = await open(join(partsDir(dir), step.file), 'r');
      try {
        await copyStep(part, target, { step, buffer, signal });
      } finally {
        await part.close();
      }
    }
    await target.sync();
  } finally {
    await target.close();
  }
}

interface CopyStepOptions {
  readonly step: CoverStep;
  readonly buffer: Buffer;
  readonly signal: AbortSignal | undefined;
}

async function copyStep(part: FileHandle, target: FileHandle, { step, buffer, signal }: CopyStepOptions) {
  const end = step.skipBytes + step.takeBytes;
  let position = step.skipBytes;
  while (position < end) {
    signal?.throwIfAborted();
    const length = Math.min(buffer.byteLength, end - position);
    const { bytesRead } = await part.read(buffer, 0, length, position);
    if (bytesRead === 0) throw shorterThanVerified(step, position);
    await writeAll(target, buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}

function shorterThanVerified(step: CoverStep, position: number): Error {
  return new Error(
    `the part ${step.file} ends at byte ${position}; expected ${step.skipBytes + step.takeBytes}`,
  );
}

function deletedMeanwhile(cause: unknown): ServiceError {
  return new ServiceError('conflict', 'the upload was deleted while its file was put together', { cause });
}
