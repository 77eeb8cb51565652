import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../../data-folder/durable-files.ts';
import { ServiceError } from '../../domain/errors.ts';
import { partsDir, sourceFile } from '../files/media-files.ts';
import type { CopyStep } from './part-coverage.ts';
import { removeParts, unfinishedFile } from './parts-directory.ts';
import { fileFailure, isAbsent } from './upload-failure.ts';
import { sourceSize, type UploadedFile } from './uploaded-file.ts';
import { writeAll } from './write-all.ts';

/**
 * Size of the copy buffer in bytes: large enough for few system calls, and small enough for many assemblies
 * at the same time.
 */
const COPY_BUFFER_BYTES = 1024 * 1024;

/**
 * Makes the source file of a media from its uploaded parts, and removes the parts. `dir` is the directory of
 * the media. A single part is renamed to the source. Several parts are copied into the source, and the disk
 * then holds the file twice until the parts are removed.
 *
 * This function can be called again after a crash at any point, and twice at the same time. A rename makes
 * the source appear only when it is complete, and the parts are removed only after the source is durable. If
 * the source already exists, only the remaining parts are removed.
 * @throws ServiceError `storage_full`, or `conflict` if the media was deleted meanwhile. If `signal` is
 * aborted, throws its reason.
 */
export async function assembleSource(
  dir: string,
  file: UploadedFile,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  try {
    if (file.kind === 'parts' && (await sourceSize(dir)) === null) await makeSource(dir, file.steps, signal);
  } catch (error) {
    // A missing part is no error if the source exists, because another call has then made the source and
    // removed the parts. If the source is missing too, the media was deleted.
    if (!isAbsent(error)) throw fileFailure(error);
    if ((await sourceSize(dir)) === null) throw deletedMeanwhile(error);
  }
  // The directory is synced even if the source already existed, because an earlier process might have been
  // killed after the rename and before the sync.
  await syncDirectory(dir);
  await removeParts(dir);
}

async function makeSource(dir: string, steps: readonly CopyStep[], signal?: AbortSignal): Promise<void> {
  const [first] = steps;
  if (first !== undefined && steps.length === 1) {
    // If there is only one copy step, its part contains exactly the whole file. A rename of the part is then
    // enough.
    await rename(join(partsDir(dir), first.file), sourceFile(dir));
    return;
  }
  // The temporary file is in the directory of the parts. If this process is killed, the file is therefore
  // removed later, together with the parts.
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
  steps: readonly CopyStep[],
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
  readonly step: CopyStep;
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

function shorterThanVerified(step: CopyStep, position: number): Error {
  return new Error(
    `the part ${step.file} ends at byte ${position}; expected ${step.skipBytes + step.takeBytes}`,
  );
}

function deletedMeanwhile(cause: unknown): ServiceError {
  return new ServiceError('conflict', 'the upload was deleted while its file was assembled', { cause });
}
