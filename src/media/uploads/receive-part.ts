import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { makeDirectory } from '../../data-folder/durable-files.ts';
import { ServiceError } from '../../domain/errors.ts';
import { partsDir } from '../files/media-files.ts';
import { admitPart, tooLarge } from './part-admission.ts';
import type { PartPlace } from './part-place.ts';
import { storedParts, unfinishedFile } from './parts-directory.ts';
import { cutOff, fileFailure, goneMeanwhile, invalidPart, isAbsent } from './upload-failure.ts';
import { sourceSize } from './uploaded-file.ts';
import { writeAll } from './write-all.ts';

/** Part that is on the disk, but does not belong to the upload until `storePart`. */
export interface ReceivedPart {
  readonly tmpPath: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly md5: string;
}

export interface ReceiveOptions {
  readonly place: PartPlace;
  /** Maximum bytes of the whole file. */
  readonly maxBytes: number;
  /** Destroys the stream when it is aborted, because the stream of a client that is gone may not end by itself. */
  readonly signal?: AbortSignal;
}

/**
 * Writes a part of the media at `dir` to the disk while it arrives, in constant memory. The caller must then call
 * either `storePart` or `discardPart`. On failure nothing is left on the disk, and the rest of the stream is unread:
 * the caller drains it or closes the connection.
 * @throws ServiceError `too_large`; `invalid_upload` if the part contradicts an earlier one, is longer than its place
 * or was cut off; `conflict` if the file is already complete, or the upload was deleted meanwhile; `storage_full`
 */
export async function receivePart(
  dir: string,
  stream: Readable,
  { place, maxBytes, signal }: ReceiveOptions,
): Promise<ReceivedPart> {
  // The iterator reports a client that is gone before the reading begins, but the event needs a listener all the same.
  stream.on('error', () => {});
  const abortable = signal === undefined ? stream : addAbortSignal(signal, stream);
  try {
    if ((await sourceSize(dir)) !== null)
      throw new ServiceError('conflict', 'the upload is already complete');
    const allowance = admitPart(place, await storedParts(dir), maxBytes);
    const overrun = place.kind === 'range' ? tooLong(allowance) : tooLarge(maxBytes);
    await makeDirectory(partsDir(dir));
    return await writePart(unfinishedFile(dir), abortable, { allowance, overrun });
  } catch (error) {
    // A missing directory was deleted meanwhile, because it was made just before.
    throw isAbsent(error) ? goneMeanwhile(error) : fileFailure(error);
  }
}

/** Removes a received part that is not stored. */
export async function discardPart(received: ReceivedPart): Promise<void> {
  await rm(received.tmpPath, { force: true });
}

/** Limit of a part's bytes: `overrun` is thrown once more than `allowance` bytes were received. */
interface Limit {
  readonly allowance: number;
  readonly overrun: ServiceError;
}

async function writePart(tmpPath: string, stream: Readable, limit: Limit): Promise<ReceivedPart> {
  const handle = await open(tmpPath, 'wx');
  try {
    try {
      const { size, md5 } = await copyHashed(stream, handle, limit);
      // The file is synced here and not in storePart, because only the handle that wrote surely gets a write error.
      await handle.sync();
      return { tmpPath, size, md5 };
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(tmpPath, { force: true });
    throw error;
  }
}

async function copyHashed(stream: Readable, handle: FileHandle, { allowance, overrun }: Limit) {
  const hash = createHash('md5');
  let size = 0;
  for await (const chunk of chunksOf(stream)) {
    size += chunk.byteLength;
    if (size > allowance) throw overrun;
    hash.update(chunk);
    await writeAll(handle, chunk);
  }
  return { size, md5: hash.digest('hex') };
}

/** Distinguishes failures of the client from those of the disk: only an error of the stream means a cut-off upload. */
async function* chunksOf(stream: Readable): AsyncGenerator<Buffer> {
  try {
    yield* stream.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw cutOff(error);
  }
}

function tooLong(allowance: number): ServiceError {
  return invalidPart('Content-Range', `the part is longer than the ${allowance} bytes that it announces`);
}
