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

/**
 * Part whose bytes are in a temporary file. The part does not belong to the upload until `storePart` has
 * stored it.
 */
export interface ReceivedPart {
  readonly tmpPath: string;
  /** Number of bytes of the part. */
  readonly size: number;
  /** MD5 of the part in lower-case hex. */
  readonly md5: string;
}

export interface ReceiveOptions {
  readonly place: PartPlace;
  /** Maximum number of bytes of the whole file. */
  readonly maxBytes: number;
  /**
   * Aborting this signal destroys the stream. This is necessary because the stream of a client that has
   * disconnected might never end by itself.
   */
  readonly signal?: AbortSignal;
  /**
   * Called with the number of bytes of each chunk before the chunk is written. If the returned promise rejects, the
   * part is not received. `null`: the chunk is written at once.
   */
  readonly onBytes?: (bytes: number) => Promise<void> | null;
}

/**
 * Writes the bytes of a part to a temporary file while they arrive, in constant memory. `dir` is the
 * directory of the media. The caller must then call either `storePart` or `discardPart`. On failure, the
 * temporary file is removed, and the caller must read the rest of the stream or close the connection.
 * @throws ServiceError `too_large`; `invalid_upload` if the part contradicts a stored part, is longer than
 * its byte range, or was cut off; `conflict` if the upload is already complete, or was deleted meanwhile;
 * `storage_full`
 */
export async function receivePart(
  dir: string,
  stream: Readable,
  { place, maxBytes, signal, onBytes = () => null }: ReceiveOptions,
): Promise<ReceivedPart> {
  // This listener does nothing, but without a listener an `error` event would end the process. The iterator
  // below reports the error, even if the client disconnected before the reading began.
  stream.on('error', () => {});
  const abortable = signal === undefined ? stream : addAbortSignal(signal, stream);
  try {
    if ((await sourceSize(dir)) !== null)
      throw new ServiceError('conflict', 'the upload is already complete');
    const allowance = admitPart(place, await storedParts(dir), maxBytes);
    const overrun = place.kind === 'range' ? tooLong(allowance) : tooLarge(maxBytes);
    await makeDirectory(partsDir(dir));
    return await writePart(unfinishedFile(dir), abortable, { allowance, overrun, onBytes });
  } catch (error) {
    // If the directory is missing, the upload was deleted meanwhile, because this function has just created
    // the directory.
    throw isAbsent(error) ? goneMeanwhile(error) : fileFailure(error);
  }
}

/** Removes the temporary file of a received part that will not be stored. */
export async function discardPart(received: ReceivedPart): Promise<void> {
  await rm(received.tmpPath, { force: true });
}

/** Limit of the size of a part: `overrun` is thrown once more than `allowance` bytes were received. */
interface Limit {
  readonly allowance: number;
  readonly overrun: ServiceError;
  readonly onBytes: NonNullable<ReceiveOptions['onBytes']>;
}

async function writePart(tmpPath: string, stream: Readable, limit: Limit): Promise<ReceivedPart> {
  const handle = await open(tmpPath, 'wx');
  try {
    try {
      const { size, md5 } = await copyHashed(stream, handle, limit);
      // The file is synced here and not in `storePart`, because only the handle that wrote the file is
      // certain to get the error of a failed write.
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

async function copyHashed(stream: Readable, handle: FileHandle, { allowance, overrun, onBytes }: Limit) {
  const hash = createHash('md5');
  let size = 0;
  for await (const chunk of chunksOf(stream)) {
    size += chunk.byteLength;
    if (size > allowance) throw overrun;
    const admission = onBytes(chunk.byteLength);
    if (admission) await admission;
    hash.update(chunk);
    await writeAll(handle, chunk);
  }
  return { size, md5: hash.digest('hex') };
}

/**
 * Yields the chunks of the stream. An error of the stream means that the client cut off the upload. It is
 * therefore replaced by the error for a cut-off upload. Errors of the disk do not occur in this iterator, and
 * are not replaced.
 */
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
