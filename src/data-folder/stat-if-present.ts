import { type Stats, statSync } from 'node:fs';

/** Returns the file status of `path`; `undefined` if the path does not exist or can't be accessed. */
export function statIfPresent(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
