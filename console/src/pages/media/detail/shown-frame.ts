/** Quality of the JPEG picture, from 0 to 1. */
const QUALITY = 0.9;

/** Returns the picture that the player of the page shows; `null`: it shows none. */
export function shownFrame(): Promise<Blob | null> {
  const video = document.querySelector('video');
  if (!video || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0)
    return Promise.resolve(null);
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
}
