/**
 * Error of a call of the storage that failed, whatever the reason: a locked database, an I/O error, a full
 * disk, too many waiting events. None of them is the media's fault, and the same call can succeed later.
 */
export class StorageRefused extends Error {
  override readonly name = 'StorageRefused';

  constructor(cause: unknown) {
    super('the storage could not carry out a step of the encoding', { cause });
  }
}

/** Calls the storage. @throws StorageRefused for every error of the call */
export async function fromStorage<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new StorageRefused(error);
  }
}
