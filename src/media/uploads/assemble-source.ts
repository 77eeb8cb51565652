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

/** Bytes copied at a time: few system calls, and little memory even for many assemblies at once. */
const COPY_BUFFER_BYTES = 1024 * 1024;

/**
 * Makes the source of the media at `dir` from its parts, and removes the parts. A single part is renamed to the source.
 * Several parts are copied, which needs the file's size a second time on the disk until it is done.
 *
 * May be repeated after a crash at any point, and called twice at once: the source appears complete, by a rename, and
 * the parts are removed only after it is durable. If the source already exists, only remaining parts are removed.
 * @throws ServiceError `storage_full`; `conflict` if the media was deleted meanwhile; the signal's reason on abort
 */
export async function assembleSource(
  dir: string,
  file: UploadedFile,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  try {
    if (file.kind === 'parts' && (await sourceSize(dir)) === null) await makeSource(dir, file.steps, signal);
  } catch (error) {
    // Another call may have finished meanwhile, and removed the parts that this call was reading.
    if (!isAbsent(error)) throw fileFailure(error);
    if ((await sourceSize(dir)) === null) throw deletedMeanwhile(error);
  }
  // This is done even if the source existed, because a process may have been killed before it was durable.
  await syncDirectory(dir);
  await removeParts(dir);
}

async function makeSource(dir: string, steps: readonly CopyStep[], signal?: AbortSignal): Promise<void> {
  const [first] = steps;
  if (first !== undefined && steps.length === 1) {
    // A single step covers the whole file, so the part is the file.
    await rename(join(partsDir(dir), first.file), sourceFile(dir));
    return;
  }
  // The temporary file is among the parts, so that it is removed with them if this process is killed.
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
