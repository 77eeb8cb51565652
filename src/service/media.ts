import type { Config } from '../config/config.ts';
import type { Publisher } from '../events/publisher.ts';
import { Pipeline } from '../media/encoding/pipeline.ts';
import type { Stops } from '../platform/lifecycle.ts';
import type { SharedParts } from './shared-parts.ts';

/** Starts the pipeline, which encodes uploads. It resumes those that the last run has not finished. */
export async function startPipeline(
  { dataDir, encoders, mediaLimits: limits, ffmpeg: ffmpegPath, ffprobe: ffprobePath }: Config,
  { storage, logger, now }: SharedParts,
  publisher: Publisher,
  stops: Stops,
): Promise<Pipeline> {
  const pipeline = new Pipeline({
    store: storage.media,
    publisher,
    dataDir,
    encoders,
    limits,
    ffmpegPath,
    ffprobePath,
    logger,
    now,
  });
  await pipeline.start();
  stops.push(() => pipeline.stop());
  return pipeline;
}
