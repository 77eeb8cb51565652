import type { FileHandle } from 'node:fs/promises';

/** Appends all of `bytes`. A single `write` may write fewer, for example when the disk is nearly full. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, written);
    written += bytesWritten;
  }
}
