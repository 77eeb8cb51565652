/** The build of hls.js without captions, encryption and separate sound has no types of its own: they are those of the whole one. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}
