import { rename, rm } from 'node:fs/promises';
import { syncDirectory } from '../../data-folder/durable-files.ts';
import { runExclusive } from '../../platform/keyed-mutex.ts';
import { partsDir } from '../files/media-files.ts';
import { checkAgreement } from './part-admission.ts';
import { type PartPlace, partName, rangeLength, type StoredPlace } from './part-place.ts';
import { keptPlaces, partFile } from './parts-directory.ts';
import { discardPart, type ReceivedPart } from './receive-part.ts';
import { fileFailure, goneMeanwhile, invalidPart, isAbsent } from './upload-failure.ts';

const MD5_HEX = /^[0-9a-f]{32}$/i;

export interface StorePartOptions {
  readonly place: PartPlace;
  /** The part's MD5 in hex as the client says it; null or empty where it says none. */
  readonly expectedHash: string | null;
  /** Whether the upload was completed. Asked before a whole file takes the place of what came before. */
  readonly isCompleted: () => Promise<boolean>;
}

/**
 * Verifies a received part and gives it its place; from then on it survives power loss. A repeat takes the place
 * of its earlier copy, and a whole file that of all earlier parts. On failure the received part is removed, and
 * earlier ones stay.
 * @throws ApiError `invalid_upload` where the part is empty, or not what its place or its hash says, or contradicts
 * an earlier part; `conflict` where the upload was completed or deleted meanwhile; `storage_full`.
 */
export async function storePart(
  dir: string,
  received: ReceivedPart,
  { place, expectedHash, isCompleted }: StorePartOptions,
): Promise<void> {
  try {
    verify(received, place, expectedHash?.trim() ?? '');
    if (place.kind === 'whole') await runExclusive(dir, () => replaceAll(dir, received, isCompleted));
    else await putBeside(dir, received, place);
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

/**
 * In turn with its like, or two whole files would each remove the other; and with the upload's completion, after
 * which its file is what it was then. A crash in the middle leaves both, which is incomplete until one is sent again.
 */
async function replaceAll(
  dir: string,
  received: ReceivedPart,
  isCompleted: StorePartOptions['isCompleted'],
): Promise<void> {
  if (await isCompleted()) throw goneMeanwhile();
  const { size } = received;
  const place: StoredPlace = { kind: 'range', start: 0, end: size - 1, total: size };
  await rename(received.tmpPath, partFile(dir, place)).catch(rejectAbsent);
  const earlier = (await keptPlaces(dir)).filter((other) => partName(other) !== partName(place));
  for (const other of earlier) await rm(partFile(dir, other), { force: true });
  await syncDirectory(partsDir(dir)).catch(rejectAbsent);
}

async function putBeside(dir: string, received: ReceivedPart, place: StoredPlace): Promise<void> {
  // Before the rename too: a contradicting part must not show up, even briefly, beside one that was acknowledged.
  checkAgreement(place, await keptPlaces(dir));
  await rename(received.tmpPath, partFile(dir, place)).catch(rejectAbsent);
  await syncDirectory(partsDir(dir)).catch(rejectAbsent);
  await withdrawIfContradicted(dir, place);
}

function rejectAbsent(error: unknown): never {
  throw isAbsent(error) ? goneMeanwhile(error) : error;
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
