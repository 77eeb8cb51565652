import { stat } from 'node:fs/promises';
import { ServiceError } from '../../domain/errors.ts';
import { sourceFile } from '../files/media-files.ts';
import { type CopyStep, coverageOf } from './part-coverage.ts';
import { storedParts } from './parts-directory.ts';
import { isAbsent } from './upload-failure.ts';

/** Complete file: already `assembled`, or still in `parts`, from which the steps make it. */
export type UploadedFile =
  | { readonly kind: 'assembled'; readonly totalBytes: number }
  | { readonly kind: 'parts'; readonly totalBytes: number; readonly steps: readonly CopyStep[] };

/**
 * Checks that all bytes of the media at `dir` were received. Changes nothing.
 * @throws ServiceError `upload_incomplete` that names the first missing thing
 */
export async function uploadedFile(dir: string): Promise<UploadedFile> {
  const parts = await storedParts(dir);
  // The source is read after the parts. Parts are removed only once it exists, so one of the two is always found.
  const size = await sourceSize(dir);
  if (size !== null) return { kind: 'assembled', totalBytes: size };
  const coverage = coverageOf(parts);
  if (coverage.kind === 'incomplete') {
    throw new ServiceError('upload_incomplete', `the upload is not complete: ${coverage.reason}`);
  }
  return { kind: 'parts', totalBytes: coverage.totalBytes, steps: coverage.steps };
}

/** Returns the bytes of the assembled file of the media at `dir`; `null`: it does not exist yet. */
export async function sourceSize(dir: string): Promise<number | null> {
  try {
    return (await stat(sourceFile(dir))).size;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
