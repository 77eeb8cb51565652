import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * A frame is a header and a text, which is JSON:
 *
 *   length of the text, 4 bytes | CRC-32 of all that follows, 4 | key, 4 | format, 4 | number, 8 | text
 *
 * All numbers are little-endian, and the number of the frame is a double.
 */
const HEADER_BYTES = 24;
const FORMAT = 1;
/** Step by which the file grows. It is filled with zeros, so that a frame's sync writes no metadata of the file. */
const GROWTH_BYTES = 1024 * 1024;
/**
 * Number of zeros that are written at once. Linux keeps what is written at once together in its cache, and a sync then
 * goes through all of it: with a MiB at once, a frame of 600 bytes counts as a MiB written.
 */
const PAGE_BYTES = 4_096;

/** Returns the path of the journal of a database. */
export function journalFileOf(database: string): string {
  return `${database}.journal`;
}

/** Identifies the frames of one database, and those that the database does not contain yet. */
export interface JournalState {
  /** Number that the frames of this database bear. Only copies of a database share it. */
  readonly key: number;
  /** Number of the last frame whose changes the database contains. */
  readonly applied: number;
}

/** The journal does not fit the database. */
export class JournalError extends Error {}

/**
 * The journal: a file beside the database with the changes that SQLite has not committed yet. A change is durable when
 * its frame is synced, which costs a tenth of a commit. SQLite commits many changes together later, with the number of
 * the last frame among them. Then the journal begins again from its start.
 *
 * After a kill, `readJournal` returns what the database lacks. A frame that was being written is recognised by its checksum.
 * Nobody was told that its changes are durable.
 */
export class Journal {
  readonly #file: string;
  readonly #key: number;
  #fd: number | null = null;
  #size = 0;
  #position = 0;
  #number: number;

  readonly #sync: (fd: number) => void;

  private constructor(file: string, { key, applied }: JournalState, sync: (fd: number) => void) {
    this.#file = file;
    this.#sync = sync;
    this.#key = key;
    this.#number = applied;
  }

  /**
   * Returns an empty journal, which begins after the changes that the database contains.
   * @param sync makes what was written durable; only tests pass another function
   */
  static begin(file: string, state: JournalState, sync = fdatasyncSync): Journal {
    return new Journal(file, state, sync);
  }

  /** Number of the last frame, or of the last one that could not be appended. */
  get number(): number {
    return this.#number;
  }

  /** Number of bytes that the frames take. */
  get bytes(): number {
    return this.#position;
  }

  /**
   * Appends a frame, and syncs it. If this method throws, the frame might be on the disk nevertheless. Then SQLite must
   * commit its changes, with its number, before the next frame is appended.
   * @throws Error with a `code` when the file can't be written
   */
  append(text: string): void {
    const size = HEADER_BYTES + Buffer.byteLength(text);
    const frame = Buffer.allocUnsafe(size);
    frame.writeUInt32LE(size - HEADER_BYTES, 0);
    frame.writeUInt32LE(this.#key, 8);
    frame.writeUInt32LE(FORMAT, 12);
    frame.writeDoubleLE(this.#number + 1, 16);
    frame.write(text, HEADER_BYTES);
    frame.writeUInt32LE(crc32(frame.subarray(8)), 4);
    const fd = this.#openFile();
    this.#growTo(fd, this.#position + size);
    this.#number += 1;
    try {
      writeAll(fd, frame, this.#position);
      this.#sync(fd);
    } catch (error) {
      this.#erase(fd);
      throw error;
    }
    this.#position += size;
  }

  /** Begins again from the start of the file. Must be called when SQLite has committed the changes of all frames. */
  restart(): void {
    this.#position = 0;
  }

  /** @param remove whether the file is removed, because the database contains all changes */
  close({ remove }: { readonly remove: boolean }): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    if (remove) rmSync(this.#file, { force: true });
  }

  /** Makes a frame that was not synced unreadable, as far as that is possible. Its change may be refused. */
  #erase(fd: number): void {
    try {
      writeAll(fd, Buffer.alloc(HEADER_BYTES), this.#position);
    } catch {
      // The file can't be written at all.
    }
  }

  #openFile(): number {
    if (this.#fd !== null) return this.#fd;
    const fd = openSync(this.#file, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      this.#size = fstatSync(fd).size;
      // Without a sync of its folder, a new file might be missing after a loss of power.
      if (this.#size === 0) syncFolderOf(this.#file);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    this.#fd = fd;
    return fd;
  }

  #growTo(fd: number, least: number): void {
    if (least <= this.#size) return;
    const size = Math.ceil(least / GROWTH_BYTES) * GROWTH_BYTES;
    const zeros = Buffer.alloc(PAGE_BYTES);
    for (; this.#size < size; this.#size += PAGE_BYTES) writeAll(fd, zeros, this.#size);
  }
}

/**
 * Returns the texts of the frames whose changes the database lacks, oldest first. Returns no text if there is no file.
 * @throws JournalError when the journal is that of another database, or frames are missing between the two
 */
export function readJournal(file: string, { key, applied }: JournalState): string[] {
  const bytes = readIfThere(file);
  const texts: string[] = [];
  let next: number | null = null;
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + HEADER_BYTES + bytes.readUInt32LE(at);
    if (end > bytes.length || crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) break;
    const number = bytes.readDoubleLE(at + 16);
    if (next === null && bytes.readUInt32LE(at + 8) !== key)
      throw new JournalError(
        `the journal ${file} belongs to another database. Put that database back, or move the journal away`,
      );
    // Behind the last frame are older ones, which the journal contained before it began again from its start.
    if (next !== null && number !== next) break;
    if (number > applied) {
      if (bytes.readUInt32LE(at + 12) !== FORMAT)
        throw new JournalError(`the journal ${file} was written by a newer version: start that version`);
      if (number !== applied + texts.length + 1)
        throw new JournalError(
          `the journal ${file} begins with change ${number}, and the database ends with change ${applied}: they are not of the same time. Put the database back that belongs to the journal, or move the journal away, which loses its changes`,
        );
      texts.push(bytes.toString('utf8', at + HEADER_BYTES, end));
    }
    next = number + 1;
    at = end;
  }
  return texts;
}

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let from = 0; from < bytes.length; )
    from += writeSync(fd, bytes, from, bytes.length - from, position + from);
}

function syncFolderOf(file: string): void {
  const folder = openSync(dirname(file), constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
