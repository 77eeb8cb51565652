import { Type } from 'typebox';

/** Forms with a file, as they are described: the routes read them as they come, and check them themselves. */

const PART = 'The bytes of the part.';

export const PartForm = Type.Object(
  {
    file: Type.String({ format: 'binary', description: 'The bytes.' }),
    hash: Type.Optional(Type.String({ description: 'MD5 of the part, in hex.' })),
    index: Type.Optional(Type.String({ description: 'Taken, and not needed.' })),
  },
  { examples: [{ file: PART, hash: '42a84e6ac819880158f1d93d411fed0b', index: '0' }] },
);

export const PartHeaders = Type.Object({
  'content-range': Type.Optional(
    Type.String({
      description:
        'Which bytes these are (`bytes a-b/total`), or which part of a progressive upload (`part N/*`, the last `part N/N`). Without it the part is the whole file.',
      examples: [`bytes 0-${PART.length - 1}/${PART.length}`],
    }),
  ),
});

export const PictureForm = Type.Object(
  { file: Type.String({ format: 'binary', description: 'The picture.' }) },
  { examples: [{ file: 'The bytes of a picture.' }] },
);
