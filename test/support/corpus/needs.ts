import type { Needs } from './definition.ts';

/** Decoder of PNG, which builds without zlib lack. */
export const PNG: Needs = {
  kind: 'decoder',
  anyOf: ['png'],
  otherwise: /the server's ffmpeg lacks a component that is needed here: decoder png/,
};

/** Decoder of AV1 that needs no graphics processor. */
export const AV1: Needs = {
  kind: 'decoder',
  anyOf: ['libdav1d', 'libaom-av1', 'libgav1'],
  otherwise: /the server's ffmpeg lacks a component that is needed here: decoder AV1/,
};
