// The script of the page that plays media in the tests. `play` is called by `Players.play`.

/** Milliseconds without any progress after which a player counts as stuck. */
const STUCK_MS = 10_000;
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
  // Nobody looks at the pictures, and drawing them costs more time than decoding them.
  Object.assign(video, { muted: true, playsInline: true, autoplay: true, hidden: true });
  document.body.append(video);
  const result = { errors: [], warnings: [], isStuck: false };
  const seen = (isFatal, message) => (isFatal ? result.errors : result.warnings).push(message);
  video.addEventListener('error', () => seen(true, `${video.error.code}: ${video.error.message}`));

  let close = () => undefined;
  const end = untilEnd(video, { rate, result });
  try {
    close = await players[player](video, url, seen);
  } catch (error) {
    seen(true, `${error.code ?? ''} ${error.message}`);
  }
  await end;
  await close();
  video.remove();
  return result;
};

/** Fulfils when the media has ended, or nothing moves any more, and notes the state of the player at that moment. */
function untilEnd(video, { rate, result }) {
  const { promise, resolve } = Promise.withResolvers();
  let [last, lastAt] = [-1, performance.now()];
  const stop = (hasEnded) => {
    clearInterval(timer);
    // Players may already do something else with the element when they hear of the end.
    Object.assign(result, stateOf(video), { hasEnded });
    resolve();
  };
  const timer = setInterval(() => {
    const now = performance.now();
    // Some players set the speed themselves when they begin to play, and 0 while they load.
    if (video.playbackRate === 1) video.playbackRate = rate;
    if (video.currentTime !== last) [last, lastAt] = [video.currentTime, now];
    result.isStuck = now - lastAt > STUCK_MS;
    if (result.isStuck || result.errors.length > 0) stop(false);
  }, LOOK_EVERY_MS);
  video.addEventListener('ended', () => stop(true), { once: true });
  return promise;
}

function stateOf(video) {
  const ranges = (of) => Array.from({ length: of.length }, (_, n) => [of.start(n), of.end(n)]);
  return {
    currentTime: video.currentTime,
    duration: video.duration,
    played: ranges(video.played),
    buffered: ranges(video.buffered),
    videoWidth: video.videoWidth,
    videoHeight: video.videoHeight,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    soundBytes: video.webkitAudioDecodedByteCount,
  };
}
