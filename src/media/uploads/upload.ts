/**
 * Receives a file in parts, in any order and more than once, and puts it together. The file system is the only
 * record of an upload: what was acknowledged is there, under a name that says what it is.
 *
 *   client's stream ─ receivePart ─▶ parts/<uuid>.tmp ─ keepPart ─▶ parts/bytes-0-9-of-20 ─ assembleSource ─▶ source
 *                                         └─ discardPart               └─ uploadedFile: is it all there?
 */

export { runExclusive } from '../../platform/keyed-mutex.ts';
export { assembleSource } from './assemble-source.ts';
export { parseContentRange } from './content-range.ts';
export type { PartPlace } from './part-place.ts';
export { removeStaleParts } from './parts-directory.ts';
export { admitToAccount, countReceived, keepAtLeast } from './quota.ts';
export { discardPart, type ReceivedPart, receivePart } from './receive-part.ts';
export { storePart } from './store-part.ts';
export { type UploadedFile, uploadedFile } from './uploaded-file.ts';
