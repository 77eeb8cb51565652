import { totalmem } from 'node:os';

const MIB = 1024 * 1024;

/** Maximum threads of one encoder: more threads hardly speed it up, and each needs memory. */
const MAX_THREADS = 16;

/** Returns half of the cores, so that receiving and delivering continue while files are encoded. */
export function defaultEncoders(cores: number): number {
  return Math.max(1, Math.floor(cores / 2));
}

/** Returns the number of threads for each encoder with which all encoders together use all cores. */
export function threadsPerEncoder(cores: number, encoders: number): number {
  return Math.min(MAX_THREADS, Math.max(1, Math.ceil(cores / encoders)));
}

/** Returns the bytes for each encoder: all share three quarters of the memory, but each gets at least enough for 4K. */
export function memoryPerEncoder(totalBytes: number, encoders: number): number {
  const share = Math.floor((totalBytes * 3) / 4 / encoders / MIB) * MIB;
  return Math.min(32_768 * MIB, Math.max(2048 * MIB, share));
}

/** Returns the bytes of memory that this process may use; a container may have less than the machine. */
export function availableMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || totalmem());
}
