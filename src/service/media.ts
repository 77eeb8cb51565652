import type { Config } from '../config/config.ts';
import type { Publisher } from '../events/publisher.ts';
import { cleanUpMedia } from '../media/clean-up.ts';
import { CustomThumbnails } from '../media/custom-thumbnail.ts';
import { DeletedMedia } from '../media/deleted-media.ts';
import { EncodedQuota } from '../media/encoded-quota.ts';
import { launcher } from '../media/encoding/ffmpeg/launcher.ts';
import { Pipeline } from '../media/encoding/pipeline.ts';
import { MediaTrash } from '../media/files/trash.ts';
import { MediaLibrary } from '../media/library.ts';
import { ReceivedSound } from '../media/received-sound.ts';
import { Uploads } from '../media/uploads/uploads.ts';
import type { Stops } from '../platform/lifecycle.ts';
import type { SharedParts } from './shared-parts.ts';

/**
 * Starts the parts that handle media. Removes files that the previous run left behind, starts the pipeline,
 * which resumes unfinished media, and creates the use cases of media, uploads and thumbnails.
 */
export async function startMedia(
  config: Config,
  { storage, metrics, logger, now, clock }: SharedParts,
  publisher: Publisher,
  stops: Stops,
) {
  const { dataDir, encoders, mediaLimits: limits, ffmpeg: ffmpegPath, ffprobe: ffprobePath } = config;
  const store = storage.media;
  const { usage } = storage;
  const { maxAccountEncodedBytes: mostEncodedBytes } = config;
  const onRefused = () => metrics.requestsRefused.encoded_bytes.inc();
  const encodedQuota = new EncodedQuota({ store: usage, most: mostEncodedBytes, onRefused });
  const admitEncoding = (userId: string) => encodedQuota.admit(userId);
  const trash = new MediaTrash(dataDir, logger);
  stops.push(() => trash.stop());
  await cleanUpMedia({ dataDir, store, trash, logger });
  const deletedMedia = new DeletedMedia({
    store: storage.retention,
    trash,
    logger,
    now: clock.settledNow,
    monotonicNow: clock.now,
  });
  await deletedMedia.start();
  stops.push(() => deletedMedia.stop());
  stops.push(() => launcher.end());
  const programs = { ffmpegPath, ffprobePath };
  const pipeline = new Pipeline({
    ...{ store, usage, mostEncodedBytes, publisher, dataDir, encoders, limits },
    ...{ ...programs, logger, now },
  });
  await pipeline.start();
  stops.push(() => pipeline.stop());

  const discard = async (mediaId: string) => {
    await pipeline.cancel(mediaId);
    await trash.moveMedia(mediaId);
  };
  const library = new MediaLibrary({
    store,
    mostMedia: { open: config.maxOpenUploads, unfinished: config.maxUnfinishedMedia },
    admitEncoding,
    progressOf: (media) => pipeline.progressOf(media),
    discard,
    now,
  });
  const receivedSound = new ReceivedSound({ ffprobePath, limits });
  const uploads = new Uploads({
    store,
    publisher,
    dataDir,
    maxFileBytes: config.maxMediaBytes,
    maxAccountBytes: config.maxAccountBytes,
    admitEncoding,
    now,
    onReceived: (media) => pipeline.enqueue(media),
    isSoundAlone: (account, dir, file) => receivedSound.isSoundAlone(account, dir, file),
    discard,
    countPart: (receive) => metrics.uploadPart(receive),
  });
  const thumbnails = new CustomThumbnails({
    ...{ store, usage, mostEncodedBytes, dataDir, ffmpegPath, limits, discard, now },
  });
  return { pipeline, useCases: { library, uploads, thumbnails } };
}
