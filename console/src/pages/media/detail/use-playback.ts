import type Hls from 'hls.js';
import type { Level } from 'hls.js';
import { type RefObject, useEffect, useRef, useState } from 'react';

/** Choice of the quality that fits the connection and the size of the player. */
export const AUTO = -1;

export interface Playback {
  readonly levels: readonly Pick<Level, 'width' | 'height' | 'bitrate'>[];
  /** Index of the chosen level, or `AUTO`. */
  readonly chosen: number;
  /** Index of the level that is shown; `null`: none yet. */
  readonly current: number | null;
  readonly choose: (level: number) => void;
  readonly error: 'failed' | 'unsupported' | null;
}

/**
 * Plays HLS in a media element, by hls.js where the browser lets scripts hand it segments, and by the browser itself elsewhere.
 * @param hls address of the playlist; an empty text: no playlist exists, and `mp4` is played
 */
export function usePlayback(element: RefObject<HTMLVideoElement | null>, hls: string, mp4: string): Playback {
  const player = useRef<Hls | null>(null);
  const [levels, setLevels] = useState<Playback['levels']>([]);
  const [chosen, setChosen] = useState(AUTO);
  const [current, setCurrent] = useState<number | null>(null);
  const [error, setError] = useState<Playback['error']>(null);

  useEffect(() => {
    const video = element.current;
    if (!video) return undefined;
    let isGone = false;
    const onError = () => setError('failed');
    const playSource = (source: string) => {
      video.addEventListener('error', onError);
      video.src = source;
    };
    const start = async () => {
      if (hls === '') return playSource(mp4);
      const { default: Player } = await import('hls.js/light');
      if (isGone) return;
      if (!Player.isSupported()) {
        if (video.canPlayType('application/vnd.apple.mpegurl')) playSource(hls);
        else setError('unsupported');
        return;
      }
      // The worker would come from a file of its own, and repackaging a few segments costs little.
      const made = new Player({ enableWorker: false, capLevelToPlayerSize: true, maxBufferLength: 15 });
      player.current = made;
      made.on(Player.Events.MANIFEST_PARSED, () => setLevels([...made.levels]));
      made.on(Player.Events.LEVEL_SWITCHED, (_, { level }) => setCurrent(level));
      made.on(Player.Events.ERROR, (_, { fatal }) => fatal && setError('failed'));
      made.loadSource(hls);
      made.attachMedia(video);
    };
    void start();
    return () => {
      isGone = true;
      video.removeEventListener('error', onError);
      player.current?.destroy();
      player.current = null;
    };
  }, [element, hls, mp4]);

  const choose = (level: number) => {
    setChosen(level);
    if (player.current) player.current.nextLevel = level;
  };
  return { levels, chosen, current, choose, error };
}
