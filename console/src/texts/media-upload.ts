import { mediaTexts } from './media.ts';

/** Texts about uploads. */
export const uploadTexts = {
  dropTitle: 'Drop the files to upload them',
  dialogTitle: (count: number) => (count === 1 ? 'Upload a file' : `Upload ${count} files`),
  files: 'Files',
  fileTitle: (name: string) => `Title of ${name}`,
  removeFile: (name: string) => `Leave out ${name}`,
  emptyFile: 'This file is empty, and is left out.',
  qualities: 'Qualities',
  qualitiesHint: 'A quality larger than the picture is not made larger. Audio files get the audio qualities.',
  isPublic: 'Everyone who has the address may watch',
  isPublicHint: 'Otherwise links are signed, and end after some time.',
  isMp4: 'Also make an MP4 file for download',
  start: (count: number) => (count === 1 ? 'Upload the file' : `Upload ${count} files`),
  noQuality: 'Choose at least one quality.',
  list: 'Uploads',
  pause: (title: string) => `Pause the upload of ${title}`,
  continue: (title: string) => `Continue the upload of ${title}`,
  retry: (title: string) => `Upload ${title} again`,
  dismiss: (title: string) => `Remove ${title} from this list`,
  choose: 'Choose the file again',
  progress: (title: string) => `Upload of ${title}`,
  sent: (sent: number, size: number) => `${mediaTexts.bytes(sent)} of ${mediaTexts.bytes(size)}`,
  speed: (bytes: number) => `${mediaTexts.bytes(bytes)}/s`,
  left: (duration: string) => `${duration} left`,
  phases: { waiting: 'Waiting for its turn', paused: 'Paused', done: 'Received', unchosen: 'Interrupted' },
  unchosen: (name: string) =>
    `The page was loaded again. Choose ${name} again, or drop it here: only the missing bytes are sent.`,
  trouble: (message: string) => `${message} It goes on by itself.`,
  otherFile: (name: string, size: string) => `That is another file. Expected ${name} with ${size}.`,
  otherSize: (size: string) => `That is another file. Expected one with ${size}.`,
  unfinishedTitle: 'The upload is unfinished',
  unfinished: (sent: string, size: string) =>
    `${sent} of ${size} have arrived. Choose the same file to send the rest.`,
  unfinishedNothing: 'Nothing has arrived yet. Choose the file to send it.',
  refused: (name: string, reason: string) => `${name} was not accepted: ${reason}`,
};
