import { useSyncExternalStore } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { createMedia, type NewMedia } from '../media.ts';
import { forget, isFileOf, type Remembered, remember, rememberedOf } from './remembered.ts';
import { sendFile } from './send-file.ts';
import { type Speed, speedOf } from './speed.ts';

/**
 * An upload of this browser.
 *
 *   waiting ──▶ sending ──▶ done
 *      ▲          │ └─────▶ failed (begins again on request)
 *      └─ paused ◀┘
 *   unchosen: the page was loaded again, and the file must be chosen again ──▶ waiting
 */
export type UploadPhase = 'waiting' | 'sending' | 'paused' | 'unchosen' | 'done' | 'failed';

export interface Upload {
  readonly mediaId: string;
  readonly title: string;
  readonly fileName: string;
  readonly size: number;
  readonly phase: UploadPhase;
  readonly sentBytes: number;
  readonly speed: Speed | null;
  /** Reason of a failure, or of the wait before a repeat. */
  readonly trouble: string | null;
}

/** Files that are sent at the same time. The others wait. */
const PARALLEL_FILES = 2;

interface Running {
  readonly file: File;
  readonly remembered: Remembered;
  aborter: AbortController;
}

let uploads: readonly Upload[] = [];
let accountId: string | null = null;
const files = new Map<string, Running>();
const listeners = new Set<() => void>();
/** Called with the id of a media whose file was received. */
let onReceived: (mediaId: string) => void = () => {};

/** Returns the uploads of this browser. They continue while other pages of the console are shown. */
export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(subscribe, () => uploads);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Takes up what was begun in this browser. Uploads of another account end, because its session has ended. */
export async function takeUp(account: string, received: (mediaId: string) => void): Promise<void> {
  onReceived = received;
  if (account === accountId) return;
  accountId = account;
  for (const { aborter } of files.values()) aborter.abort();
  files.clear();
  const begun = rememberedOf(account);
  set(begun.map((one) => uploadOf(one, 'unchosen')));
  await Promise.all(begun.map(readReceived));
}

/** Asks how much of an upload has arrived; forgets the upload if it has ended. */
async function readReceived({ mediaId }: Remembered): Promise<void> {
  try {
    const params = { path: { id: mediaId } };
    const { data } = await answerOf(api.GET('/api/media/{id}/upload', { params }));
    if (data.is_complete) dismiss(mediaId);
    else change(mediaId, { sentBytes: data.received_bytes });
  } catch (error) {
    if ((error as { status?: number }).status === 404) dismiss(mediaId);
  }
}

/** Creates a media and begins to send its file. @throws ApiError if the service refuses the media */
export async function upload(file: File, settings: NewMedia): Promise<string> {
  const { id: mediaId, title } = await createMedia(settings);
  begin(file, {
    mediaId,
    accountId: accountId ?? '',
    title,
    name: file.name,
    size: file.size,
    modified: file.lastModified,
  });
  return mediaId;
}

/** Continues an upload with its file. */
export function begin(file: File, remembered: Remembered): void {
  const { mediaId } = remembered;
  remember(remembered);
  files.set(mediaId, { file, remembered, aborter: new AbortController() });
  const others = uploads.filter((other) => other.mediaId !== mediaId);
  set([...others, uploadOf(remembered, 'waiting')]);
  startNext();
}

/** Continues the unfinished uploads that files belong to. Returns the other files. */
export function continueWith(chosen: readonly File[]): File[] {
  const begun = rememberedOf(accountId ?? '').filter(({ mediaId }) => !files.has(mediaId));
  return chosen.filter((file) => {
    const at = begun.findIndex((one) => isFileOf(one, file));
    if (at === -1) return true;
    const [match] = begun.splice(at, 1);
    if (match) begin(file, match);
    return false;
  });
}

export function pauseUpload(mediaId: string): void {
  change(mediaId, { phase: 'paused', speed: null, trouble: null });
  files.get(mediaId)?.aborter.abort();
  startNext();
}

/** Continues a paused upload, or begins a failed one again. */
export function continueUpload(mediaId: string): void {
  change(mediaId, { phase: 'waiting', trouble: null });
  startNext();
}

/** Forgets an upload. What has arrived stays with the media. */
export function dismiss(mediaId: string): void {
  files.get(mediaId)?.aborter.abort();
  files.delete(mediaId);
  forget(mediaId);
  set(uploads.filter((one) => one.mediaId !== mediaId));
  startNext();
}

function startNext(): void {
  const sending = uploads.filter(({ phase }) => phase === 'sending').length;
  const waiting = uploads.filter(({ phase }) => phase === 'waiting');
  for (const { mediaId } of waiting.slice(0, Math.max(0, PARALLEL_FILES - sending))) void send(mediaId);
}

async function send(mediaId: string): Promise<void> {
  const running = files.get(mediaId);
  if (!running) return;
  running.aborter = new AbortController();
  const { signal } = running.aborter;
  const speed = speedOf();
  change(mediaId, { phase: 'sending', trouble: null });
  const changeIfRunning = (changes: Partial<Upload>) => signal.aborted || change(mediaId, changes);
  try {
    await sendFile({
      mediaId,
      file: running.file,
      signal,
      onProgress: (sentBytes) =>
        changeIfRunning({ sentBytes, speed: speed(sentBytes, running.file.size, performance.now()) }),
      onTrouble: (trouble) => changeIfRunning({ trouble }),
    });
    files.delete(mediaId);
    forget(mediaId);
    change(mediaId, { phase: 'done', sentBytes: running.file.size, speed: null });
    onReceived(mediaId);
  } catch (error) {
    if (!signal.aborted) change(mediaId, { phase: 'failed', speed: null, trouble: (error as Error).message });
  }
  startNext();
}

function uploadOf({ mediaId, title, name, size }: Remembered, phase: UploadPhase): Upload {
  return { mediaId, title, fileName: name, size, phase, sentBytes: 0, speed: null, trouble: null };
}

function change(mediaId: string, changes: Partial<Upload>): void {
  set(uploads.map((one) => (one.mediaId === mediaId ? { ...one, ...changes } : one)));
}

function set(next: readonly Upload[]): void {
  uploads = next;
  for (const listener of listeners) listener();
}
