/** An upload that was begun in this browser. Its file must be chosen again after the page was loaded again. */
export interface Remembered {
  readonly mediaId: string;
  readonly accountId: string;
  readonly title: string;
  readonly name: string;
  readonly size: number;
  readonly modified: number;
}

/**
 * Uploads that have not ended, in the browser's storage, each under a key of its own, so that several tabs don't overwrite each
 * other's. Nothing of the files' content is kept: a browser would copy it, however large it is.
 */
const PREFIX = 'mediahooks-upload-';

export function remember(upload: Remembered): void {
  try {
    localStorage.setItem(PREFIX + upload.mediaId, JSON.stringify(upload));
  } catch {
    // The storage is full or forbidden. The service knows what it has received; only the name of the file is lost.
  }
}

export function forget(mediaId: string): void {
  localStorage.removeItem(PREFIX + mediaId);
}

/** Returns the uploads of an account that were begun in this browser and have not ended. */
export function rememberedOf(accountId: string): Remembered[] {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => parse(localStorage.getItem(key)))
    .filter((upload): upload is Remembered => upload?.accountId === accountId)
    .sort((one, other) => one.title.localeCompare(other.title));
}

/** Returns whether a file is the one whose upload was begun. */
export function isFileOf({ name, size, modified }: Remembered, file: File): boolean {
  return file.name === name && file.size === size && file.lastModified === modified;
}

function parse(text: string | null): Remembered | null {
  try {
    return JSON.parse(text ?? 'null') as Remembered | null;
  } catch {
    return null;
  }
}
