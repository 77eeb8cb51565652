/** Every container in which a media is played, and the MP4 for download. */
export const ALL_FORMS = {
  qualities: [{}, { containerType: 'mp4' }, { type: 'dash', containerType: 'fmp4' }],
  mp4: true,
} as const;
