import { LOCALE } from './time.ts';

const BYTES = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** Texts of the list of media and of one media. */
export const mediaTexts = {
  title: 'Media',
  media: 'Media',
  description: 'Each file that was received, and what is made of it.',
  upload: 'Upload files',
  search: 'Search by title',
  statusFilter: 'State',
  anyStatus: 'All states',
  filters: { transcoding: 'Encoding', done: 'Ready', fail: 'Failed', new: 'Not encoded yet' },
  states: {
    uploading: 'Upload unfinished',
    waiting: 'Waiting to encode',
    encoding: 'Encoding',
    done: 'Ready',
    fail: 'Failed',
    deleted: 'Deleted',
  },
  encodingPercent: (percent: number) => `Encoding, ${percent}%`,
  columns: { state: 'State', duration: 'Duration', size: 'Size', qualities: 'Qualities', created: 'Created' },
  emptyTitle: 'No media yet',
  emptyHint:
    'Drop a video or audio file anywhere on this page. It is encoded for streaming, and your webhooks hear of each step.',
  noMatchTitle: 'No media matches',
  noMatchHint: 'Search for another part of a title, or choose another state.',
  clear: 'Clear the filters',
  details: 'Details',
  player: 'Player',
  qualities: 'Qualities',
  qualityStates: { waiting: 'Waiting', transcoding: 'Encoding', done: 'Ready', fail: 'Failed' },
  notEncoded: 'Not encoded',
  qualityProgress: (name: string, percent: number) => `${name}: ${percent}% encoded`,
  qualityName: (name: string, type: string) => `${name} · ${type.toUpperCase()}`,
  facts: {
    id: 'Media id',
    type: 'Type',
    duration: 'Duration',
    size: 'Size of the file',
    visibility: 'Who may watch',
    created: 'Created',
    mp4: 'Download',
    source: 'Received file',
  },
  types: { video: 'Video', audio: 'Audio' },
  isPublic: 'Everyone who has the address',
  isPrivate: 'Your account, and those with a signed link',
  getMp4: 'MP4 file',
  getSource: 'As it was received',
  notes: 'What was changed or left out',
  failedTitle: 'Encoding failed',
  failedHint:
    'Check that the file plays on your own machine, export it once more, and upload it as a new media.',
  deliveries: 'Deliveries',
  moreActions: 'More actions',
  rename: 'Rename',
  renameTitle: 'Rename the media',
  renameLabel: 'Title',
  renameAction: 'Save the title',
  renamed: 'The title was changed.',
  remove: 'Delete',
  removeTitle: (title: string) => `Delete “${title}”?`,
  removeAction: 'Delete the media',
  removed: 'The media was deleted.',
  removeSource: (size: string) => `The received file (${size}) is deleted.`,
  removeUnfinished: 'What has been uploaded so far is deleted.',
  removeQualities: (names: string) => `These qualities can no longer be played: ${names}.`,
  removeEncoding: 'Its encoding stops.',
  removeLinks: 'Links to its player, files and thumbnail stop working at once.',
  removeStays: 'Events that have happened are still delivered. No further ones follow. This can’t be undone.',
  copyId: 'Copy the id',
  bytes: (bytes: number): string => {
    const power = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1000)), BYTES.length - 1);
    const value = bytes / 1000 ** power;
    const digits = power > 0 && value < 10 ? 1 : 0;
    return `${value.toLocaleString(LOCALE, { maximumFractionDigits: digits })} ${BYTES[power]}`;
  },
  length: (seconds: number): string => {
    const whole = Math.round(seconds);
    const [h, min, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const pad = (value: number) => String(value).padStart(2, '0');
    return h > 0 ? `${h}:${pad(min)}:${pad(s)}` : `${min}:${pad(s)}`;
  },
};

/** Texts of the player and of the thumbnail. */
export const playerTexts = {
  player: (title: string) => `Player of ${title}`,
  quality: 'Quality',
  auto: 'Auto',
  autoNow: (quality: string) => `Auto (${quality})`,
  height: (pixels: number) => `${pixels}p`,
  bitrate: (bits: number) => `${Math.round(bits / 1000)} kbit/s`,
  failed: 'The player could not continue.',
  failedHint: 'The file may have been deleted, or the connection was lost. Load the page again.',
  unsupported: 'This browser can’t play the qualities of this media.',
  dashOnly:
    'This media has only DASH qualities, which this page does not play. Their manifest can be opened in a DASH player.',
  manifest: 'Address of the DASH manifest',
  notYetTitle: 'Nothing to play yet',
  notYet: 'The first quality can be watched here as soon as it is encoded.',
  noVideo: 'There is nothing to play',
  thumbnail: 'Thumbnail',
  noThumbnail: 'No thumbnail',
  thumbnailAlt: (title: string) => `Thumbnail of ${title}`,
  chooseThumbnail: 'Upload a picture',
  useFrame: 'Use the shown picture',
  resetThumbnail: 'Return to the automatic one',
  thumbnailSet: 'The thumbnail was changed.',
  thumbnailReset: 'The automatic thumbnail is shown again.',
  frameMissing: 'Play the video to the picture that you want, then try again.',
};
