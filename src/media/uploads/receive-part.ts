import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { makeDirectory } from '../../data-folder/durable-files.ts';
import { ServiceError } from '../../domain/errors.ts';
import { partsDir } from '../files/media-files.ts';
import { admitPart, tooLarge } from './part-admission.ts';
import type { PartPlace } from './part-place.ts';
import { keptParts, unfinishedFile } from './parts-directory.ts';
import { cutOff, fileFailure, goneMeanwhile, invalidPart, isAbsent } from './upload-failure.ts';
import { sourceSize } from './uploaded-file.ts';
import { writeAll } from './write-all.ts';

/** A part that lies on the disk, but counts for nothing until `keepPart`. */
export interface ReceivedPart {
  readonly tmpPath: string;
  /** In bytes. */
  readonly size: number;
  /** In lower-case hex. */
  readonly md5: string;
}

export interface ReceiveOptions {
  readonly place: PartPlace;
  /** The most bytes that the whole file may have. */
  readonly maxBytes: number;
  /** Ends the receiving of a client that is gone, where its stream doesn't end by itself. Destroys the stream. */
  readonly signal?: AbortSignal;
}

/**
 * Writes a part of the media at `dir` to the disk as it comes, in constant memory. The caller then owes either a
 * `keepPart` or a `discardPart`. On failure nothing is left, and what remains of the stream is left unread: the
 * caller drains it or closes the connection.
 * @throws ApiError `too_large`; `invalid_upload` where the part contradicts an earlier one, is longer than its
 * place or was cut off; `conflict` where the file is complete already, or the upload was deleted meanwhile;
 * `storage_full`.
 */
export async function receivePart(
  dir: string,
  stream: Readable,
  { place, maxBytes, signal }: ReceiveOptions,
): Promise<ReceivedPart> {
  // A client may be gone before the reading begins: the iterator reports that, and the event must find a listener.
  stream.on('error', () => {});
  const abortable = signal === undefined ? stream : addAbortSignal(signal, stream);
  try {
    if ((await sourceSize(dir)) !== null)
      throw new ServiceError('conflict', 'the upload is complete already');
    const allowance = admitPart(place, await keptParts(dir), maxBytes);
    const overrun = place.kind === 'range' ? tooLong(allowance) : tooLarge(maxBytes);
    await makeDirectory(partsDir(dir));
    return await writePart(unfinishedFile(dir), abortable, { allowance, overrun });
  } catch (error) {
    // The directory was there a moment ago.
    throw isAbsent(error) ? goneMeanwhile(error) : fileFailure(error);
  }
}

export async function discardPart(received: ReceivedPart): Promise<void> {
  await rm(received.tmpPath, { force: true });
}

/** `overrun` is thrown once more than `allowance` bytes have come. */
interface Limit {
  readonly allowance: number;
  readonly overrun: ServiceError;
}

async function writePart(tmpPath: string, stream: Readable, limit: Limit): Promise<ReceivedPart> {
  const handle = await open(tmpPath, 'wx');
  try {
    try {
      const { size, md5 } = await copyHashed(stream, handle, limit);
      // Here rather than in keepPart: a write error is surely reported only to the handle that wrote.
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

/** Tells the client's failures from the disk's: only what the stream itself throws is an upload that was cut off. */
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
