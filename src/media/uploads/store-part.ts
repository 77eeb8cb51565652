import { rename, rm } from 'node:fs/promises';
import { syncDirectory } from '../../data-folder/durable-files.ts';
import type { KeyedMutex } from '../../platform/keyed-mutex.ts';
import { partsDir } from '../files/media-files.ts';
import { checkAgreement } from './part-admission.ts';
import { checkIndex, checkWholeIndex, markWholeIndex } from './part-index.ts';
import { type PartPlace, partName, rangeLength, type StoredPlace } from './part-place.ts';
import { partFile, storedPlaces } from './parts-directory.ts';
import { discardPart, type ReceivedPart } from './receive-part.ts';
import { fileFailure, goneMeanwhile, invalidPart, isAbsent } from './upload-failure.ts';

const MD5_HEX = /^[0-9a-f]{32}$/i;

export interface StorePartOptions {
  readonly place: PartPlace;
  /** MD5 of the part in hex that the client sent; `null` or empty: the client sent none. */
  readonly expectedHash: string | null;
  /** Index of the part that the client sent; `null`, empty or missing: the client sent none. */
  readonly index?: string | null;
  /** Returns whether the upload was completed. Called before a whole file replaces the earlier parts. */
  readonly isCompleted: () => Promise<boolean>;
  /**
   * Runs two operations on the same media one after another: storing a whole file, and completing the upload.
   * The key is the directory of the media.
   */
  readonly mutex: KeyedMutex;
}

/**
 * Verifies a received part and stores it. Once the promise resolves, the part survives a loss of power. A
 * part that is sent again replaces its earlier copy, and a whole file replaces all earlier parts. On failure,
 * the received part is removed, and the earlier parts stay.
 * @throws ServiceError `invalid_upload` if the part is empty, does not match its byte range or its hash, or
 * contradicts its index or a stored part; `conflict` if the upload was completed or deleted meanwhile; `storage_full`
 */
export async function storePart(
  dir: string,
  received: ReceivedPart,
  { place, expectedHash, index = null, isCompleted, mutex }: StorePartOptions,
): Promise<void> {
  try {
    verify(received, place, expectedHash?.trim() ?? '');
    checkIndex(place, index);
    if (place.kind === 'whole')
      await mutex.runExclusive(dir, () => replaceAll(dir, received, { index, isCompleted }));
    else await addBeside(dir, received, place);
  } catch (error) {
    await discardPart(received);
    throw fileFailure(error);
  }
}

function verify(received: ReceivedPart, place: PartPlace, expectedHash: string): void {
  if (received.size === 0) throw invalidPart('file', 'the part is empty');
  if (place.kind === 'range' && received.size !== rangeLength(place)) {
    throw invalidPart(
      'Content-Range',
      `it announces ${rangeLength(place)} bytes, but the part has ${received.size} bytes`,
    );
  }
  if (expectedHash === '') return;
  if (!MD5_HEX.test(expectedHash)) throw invalidPart('hash', 'expected the MD5 of the part as 32 hex digits');
  if (expectedHash.toLowerCase() !== received.md5) {
    throw invalidPart(
      'hash',
      `the received part has the MD5 ${received.md5}, not ${expectedHash.toLowerCase()}`,
    );
  }
}

/**
 * Replaces all stored parts by one part that is the whole file. Must run exclusively for each media:
 * otherwise two whole files could remove each other, and the file of a completed upload could change. If the
 * process crashes before all earlier parts are removed, the upload might count as incomplete until the client
 * sends the whole file again.
 */
async function replaceAll(
  dir: string,
  received: ReceivedPart,
  { index, isCompleted }: Pick<StorePartOptions, 'isCompleted'> & { readonly index: string | null },
): Promise<void> {
  if (await isCompleted()) throw goneMeanwhile();
  await checkWholeIndex(dir, index).catch(rejectAbsent);
  const { size } = received;
  const place: StoredPlace = { kind: 'range', start: 0, end: size - 1, total: size };
  await rename(received.tmpPath, partFile(dir, place)).catch(rejectAbsent);
  const earlier = (await storedPlaces(dir)).filter((other) => partName(other) !== partName(place));
  for (const other of earlier) await rm(partFile(dir, other), { force: true });
  await markWholeIndex(dir, index).catch(rejectAbsent);
  await syncDirectory(partsDir(dir)).catch(rejectAbsent);
}

async function addBeside(dir: string, received: ReceivedPart, place: StoredPlace): Promise<void> {
  // The part is checked both before and after the rename, because a part that contradicts an acknowledged
  // part must never be stored beside it.
  checkAgreement(place, await storedPlaces(dir));
  await rename(received.tmpPath, partFile(dir, place)).catch(rejectAbsent);
  await syncDirectory(partsDir(dir)).catch(rejectAbsent);
  await withdrawIfContradicted(dir, place);
}

function rejectAbsent(error: unknown): never {
  throw isAbsent(error) ? goneMeanwhile(error) : error;
}

/**
 * Removes the part at `place`, which was just stored, if it contradicts another stored part. Two
 * contradicting parts that arrive at the same time might both pass the check before the rename. The check
 * after the rename then finds the contradiction for at least one of them. An upload therefore never keeps
 * both.
 */
async function withdrawIfContradicted(dir: string, place: StoredPlace): Promise<void> {
  const others = (await storedPlaces(dir)).filter((other) => partName(other) !== partName(place));
  try {
    checkAgreement(place, others);
  } catch (error) {
    await rm(partFile(dir, place), { force: true });
    throw error;
  }
}
