import type { FileHandle } from 'node:fs/promises';

/**
 * Appends all of `bytes` to the file. One call of `write` might write fewer bytes, for example when the disk
 * is nearly full, so `write` is called until all bytes are written.
 */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, written);
    written += bytesWritten;
  }
}
