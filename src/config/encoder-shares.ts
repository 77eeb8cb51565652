import { totalmem } from 'node:os';

const MIB = 1024 * 1024;

/**
 * Maximum number of threads of one encoder: more threads hardly speed up encoding, and each thread needs
 * memory.
 */
const MAX_THREADS = 16;

/**
 * Returns the default number of encoders: half of the number of cores, so that uploads and deliveries
 * continue while files are encoded.
 */
export function defaultEncoders(cores: number): number {
  return Math.max(1, Math.floor(cores / 2));
}

/**
 * Returns the number of threads of each encoder: the cores divided by the encoders, so that all encoders
 * together use all cores.
 */
export function threadsPerEncoder(cores: number, encoders: number): number {
  return Math.min(MAX_THREADS, Math.max(1, Math.ceil(cores / encoders)));
}

/**
 * Returns the maximum memory of each encoder, in bytes: an equal share of three quarters of the memory, but
 * at least 2 GiB, which is enough to encode 4K, and at most 32 GiB.
 */
export function memoryPerEncoder(totalBytes: number, encoders: number): number {
  const share = Math.floor((totalBytes * 3) / 4 / encoders / MIB) * MIB;
  return Math.min(32_768 * MIB, Math.max(2048 * MIB, share));
}

/**
 * Returns the memory that this process can use, in bytes. A container can have less memory than the machine.
 */
export function availableMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || totalmem());
}
