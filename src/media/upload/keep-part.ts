import { rename, rm } from 'node:fs/promises';
import { partsDir } from '../media-files.ts';
import { syncDirectory } from './durable-directory.ts';
import { checkAgreement } from './part-admission.ts';
import { type PartPlace, partName, rangeLength, type StoredPlace } from './part-place.ts';
import { keptPlaces, partFile } from './parts-directory.ts';
import { discardPart, type ReceivedPart } from './receive-part.ts';
import { fileFailure, goneMeanwhile, invalidPart, isAbsent } from './upload-failure.ts';

const MD5_HEX = /^[0-9a-f]{32}$/i;

/**
 * Verifies a received part and gives it its place; from then on it survives power loss. A repeat takes the place
 * of its earlier copy. On failure the received part is removed, and an earlier copy stays.
 * @param expectedHash the part's MD5 in hex as the client says it; null or empty where it says none.
 * @throws ApiError `invalid_upload` where the part is empty, or not what its place or its hash says, or contradicts
 * an earlier part; `conflict` where the upload was completed or deleted meanwhile; `storage_full`.
 */
export async function keepPart(
  dir: string,
  received: ReceivedPart,
  place: PartPlace,
  expectedHash: string | null,
): Promise<void> {
  try {
    verify(received, place, expectedHash?.trim() ?? '');
    await putInPlace(dir, received, storedPlace(place, received.size));
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
      `it announces ${rangeLength(place)} bytes, but the part has ${received.size}`,
    );
  }
  if (expectedHash === '') return;
  if (!MD5_HEX.test(expectedHash)) throw invalidPart('hash', 'expected the MD5 of the part as 32 hex digits');
  if (expectedHash.toLowerCase() !== received.md5) {
    throw invalidPart(
      'hash',
      `the part that arrived has the MD5 ${received.md5}, not ${expectedHash.toLowerCase()}`,
    );
  }
}

function storedPlace(place: PartPlace, size: number): StoredPlace {
  return place.kind === 'whole' ? { kind: 'range', start: 0, end: size - 1, total: size } : place;
}

async function putInPlace(dir: string, received: ReceivedPart, place: StoredPlace): Promise<void> {
  // Before the rename too: a contradicting part must not show up, even briefly, beside one that was acknowledged.
  checkAgreement(place, await keptPlaces(dir));
  try {
    await rename(received.tmpPath, partFile(dir, place));
    await syncDirectory(partsDir(dir));
  } catch (error) {
    if (isAbsent(error)) throw goneMeanwhile(error);
    throw error;
  }
  await withdrawIfContradicted(dir, place);
}

/**
 * Two parts that contradict each other may both have found the directory agreeable and then been renamed. Looking
 * again after the rename, at least one of them sees the other: an upload is never left with both.
 */
async function withdrawIfContradicted(dir: string, place: StoredPlace): Promise<void> {
  const others = (await keptPlaces(dir)).filter((other) => partName(other) !== partName(place));
  try {
    checkAgreement(place, others);
  } catch (error) {
    await rm(partFile(dir, place), { force: true });
    throw error;
  }
}
