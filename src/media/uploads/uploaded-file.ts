import { stat } from 'node:fs/promises';
import { type ErrorDetail, ServiceError } from '../../domain/errors.ts';
import { sourceFile } from '../files/media-files.ts';
import { type CopyStep, coverageOf } from './part-coverage.ts';
import { storedParts } from './parts-directory.ts';
import { isAbsent } from './upload-failure.ts';
import { MAX_SPANS } from './upload-state.ts';

/**
 * File of which all bytes were received. `assembled`: the source file exists. `parts`: the copy steps make
 * the source from the stored parts.
 */
export type UploadedFile =
  | { readonly kind: 'assembled'; readonly totalBytes: number }
  | { readonly kind: 'parts'; readonly totalBytes: number; readonly steps: readonly CopyStep[] };

/**
 * Checks that all bytes of the file of the media at `dir` were received. Changes nothing on the disk.
 * @throws ServiceError `upload_incomplete` that says why the file is incomplete
 */
export async function uploadedFile(dir: string): Promise<UploadedFile> {
  const parts = await storedParts(dir);
  // The source is looked up after the parts were read. The parts are removed only once the source exists, so
  // this order finds at least one of the two, even while another call assembles the source.
  const size = await sourceSize(dir);
  if (size !== null) return { kind: 'assembled', totalBytes: size };
  const coverage = coverageOf(parts);
  if (coverage.kind === 'incomplete') {
    throw new ServiceError('upload_incomplete', `the upload is not complete: ${coverage.reason}`, {
      details: detailsOf(coverage.missing),
    });
  }
  return { kind: 'parts', totalBytes: coverage.totalBytes, steps: coverage.steps };
}

/** Names each part that can be sent to complete a file, at most `MAX_SPANS` of them. */
function detailsOf(missing: readonly string[]): ErrorDetail[] {
  const field = 'Content-Range';
  const listed = missing.slice(0, MAX_SPANS).map((value) => ({ field, message: `${value} is missing` }));
  const more = missing.length - listed.length;
  return more > 0 ? [...listed, { field, message: `${more} more are missing` }] : listed;
}

/**
 * Returns the size in bytes of the assembled source of the media at `dir`; `null`: the source does not exist
 * yet.
 */
export async function sourceSize(dir: string): Promise<number | null> {
  try {
    return (await stat(sourceFile(dir))).size;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
