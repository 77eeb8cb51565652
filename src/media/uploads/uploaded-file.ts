import { stat } from 'node:fs/promises';
import { ServiceError } from '../../domain/errors.ts';
import { sourceFile } from '../files/media-files.ts';
import { type CoverStep, coverageOf } from './part-coverage.ts';
import { keptParts } from './parts-directory.ts';
import { isAbsent } from './upload-failure.ts';

/** A whole file: `assembled` already, or still in `parts` of which the steps make it. */
export type UploadedFile =
  | { readonly kind: 'assembled'; readonly totalBytes: number }
  | { readonly kind: 'parts'; readonly totalBytes: number; readonly steps: readonly CoverStep[] };

/**
 * Looks whether everything of the media at `dir` has come. Changes nothing.
 * @throws ApiError `upload_incomplete` that says the first thing that is missing.
 */
export async function uploadedFile(dir: string): Promise<UploadedFile> {
  const parts = await keptParts(dir);
  // After the parts: they are removed only once the source is there, so whoever misses parts finds the source.
  const size = await sourceSize(dir);
  if (size !== null) return { kind: 'assembled', totalBytes: size };
  const cover = coverageOf(parts);
  if (cover.kind === 'incomplete') {
    throw new ServiceError('upload_incomplete', `The upload is not complete: ${cover.reason}`);
  }
  return { kind: 'parts', totalBytes: cover.totalBytes, steps: cover.steps };
}

/** Bytes of the assembled file of the media at `dir`; null before there is one. */
export async function sourceSize(dir: string): Promise<number | null> {
  try {
    return (await stat(sourceFile(dir))).size;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
