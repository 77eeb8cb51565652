import { Type } from 'typebox';

/**
 * Schemas of forms with a file, only for the API's description. The routes read these forms as streams and
 * validate them without a schema.
 */

const PART = 'The bytes of the part.';

export const PartForm = Type.Object(
  {
    file: Type.String({ format: 'binary', description: 'Bytes of the part.' }),
    hash: Type.Optional(Type.String({ description: 'MD5 of the part, in hexadecimal.' })),
    index: Type.Optional(
      Type.String({
        description:
          'Number of the part, from 0 or from 1. Not needed; but a part with an index above 1 must have a Content-Range.',
      }),
    ),
  },
  { examples: [{ file: PART, hash: '42a84e6ac819880158f1d93d411fed0b', index: '0' }] },
);

export const PartHeaders = Type.Object({
  'content-range': Type.Optional(
    Type.String({
      description:
        'Range of bytes of the part (`bytes a-b/total`), or its number in a progressive upload (`part N/*`; the last part is `part N/N`). Without this header, the part is the whole file.',
      examples: [`bytes 0-${PART.length - 1}/${PART.length}`],
    }),
  ),
});

export const PictureForm = Type.Object(
  { file: Type.String({ format: 'binary', description: 'The picture.' }) },
  { examples: [{ file: 'The bytes of a picture.' }] },
);
