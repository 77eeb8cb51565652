// The script of the page that plays media in the tests. `play` is called by `Players.play`.

/** Milliseconds without any progress after which a player counts as stuck. */
const STUCK_MS = 3_000;
const LOOK_EVERY_MS = 50;

const players = {
  async chromium(video, url) {
    video.src = url;
    return () => {
      video.removeAttribute('src');
      video.load();
    };
  },

  async 'hls.js'(video, url, seen) {
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, (_, { fatal, details, error }) => {
      seen(fatal, `${details}: ${error?.message}`);
    });
    hls.loadSource(url);
    hls.attachMedia(video);
    return () => hls.destroy();
  },

  async 'dash.js'(video, url, seen) {
    const player = dashjs.MediaPlayer().create();
    player.updateSettings({ debug: { logLevel: 0 } });
    player.on('error', ({ error }) => seen(true, `${error.code}: ${error.message}`));
    player.on('playbackError', ({ error }) => seen(true, `${error.code}: ${error.message}`));
    player.initialize(video, url, true);
    return () => player.destroy();
  },

  async shaka(video, url, seen) {
    const player = new shaka.Player();
    player.addEventListener('error', ({ detail }) => seen(true, `Shaka ${detail.code} ${detail.data}`));
    await player.attach(video);
    await player.load(url);
    return () => player.destroy();
  },
};

/** Plays one media to its end, and returns what happened. */
globalThis.play = async ({ player, url, rate }) => {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, playsInline: true, autoplay: true });
  document.body.append(video);
  const result = { errors: [], warnings: [], skips: [], isStuck: false };
  let [last, lastAt] = [-1, performance.now()];

  const seen = (isFatal, message) => (isFatal ? result.errors : result.warnings).push(message);
  video.addEventListener('error', () => seen(true, `${video.error.code}: ${video.error.message}`));
  // A player that finds a gap seeks over it.
  video.addEventListener('seeking', () => {
    if (last >= 0) result.skips.push([last, video.currentTime]);
  });
  video.addEventListener('playing', () => {
    video.playbackRate = rate;
  });

  let close = () => undefined;
  try {
    close = await players[player](video, url, seen);
  } catch (error) {
    seen(true, `${error.code ?? ''} ${error.message}`);
  }
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const now = performance.now();
      if (video.currentTime !== last) [last, lastAt] = [video.currentTime, now];
      result.isStuck = now - lastAt > STUCK_MS;
      if (!video.ended && !result.isStuck && result.errors.length === 0) return;
      clearInterval(timer);
      resolve();
    }, LOOK_EVERY_MS);
    video.addEventListener('ended', () => {
      clearInterval(timer);
      resolve();
    });
  });
  const ranges = ({ length }, of) => Array.from({ length }, (_, n) => [of.start(n), of.end(n)]);
  Object.assign(result, {
    hasEnded: video.ended,
    currentTime: video.currentTime,
    duration: video.duration,
    buffered: ranges(video.buffered, video.buffered),
    videoWidth: video.videoWidth,
    videoHeight: video.videoHeight,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    soundBytes: video.webkitAudioDecodedByteCount,
  });
  await close();
  video.remove();
  return result;
};
