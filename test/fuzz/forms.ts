import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { ONE_PIXEL } from '../support/media/pictures.ts';
import type { DraftBody } from './draft.ts';
import { anyText } from './values.ts';

/** Forms with a file, valid and invalid, for the two operations that accept them. */

const BOUNDARY = 'fuzzed';

interface Entry {
  readonly name: string;
  /** Name of a file; `null`: the entry is a field. */
  readonly fileName: string | null;
  readonly bytes: Buffer;
}

function formOf(entries: readonly Entry[], { isCutOff = false, headers = {} } = {}): DraftBody {
  const parts = entries.map(({ name, fileName, bytes }) => {
    const file =
      fileName === null ? '' : `; filename="${fileName}"\r\ncontent-type: application/octet-stream`;
    const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n')]);
  });
  const end = Buffer.from(isCutOff ? '' : `--${BOUNDARY}--\r\n`);
  const type = `multipart/form-data; boundary=${BOUNDARY}`;
  return { kind: 'raw', type, bytes: Buffer.concat([...parts, end]), headers };
}

function file(bytes: Buffer): Entry {
  return { name: 'file', fileName: 'part.bin', bytes };
}

function field(name: string, value: string): Entry {
  return { name, fileName: null, bytes: Buffer.from(value) };
}

const someBytes = fc.uint8Array({ minLength: 1, maxLength: 2_000 }).map((bytes) => Buffer.from(bytes));

/** The whole file, some bytes of one, or one part of a file that is sent while it is made. */
const goodUpload = fc
  .tuple(someBytes, fc.boolean(), fc.constantFrom('none', 'whole', 'first', 'last', 'numbered', 'end'))
  .map(([bytes, hasHash, place]) => {
    const { length } = bytes;
    const ranges: Record<string, string> = {
      whole: `bytes 0-${length - 1}/${length}`,
      first: `bytes 0-${length - 1}/${2 * length}`,
      last: `bytes ${length}-${2 * length - 1}/${2 * length}`,
      numbered: 'part 1/*',
      end: 'part 2/2',
    };
    const hash = createHash('md5').update(bytes).digest('hex');
    const entries = [file(bytes), ...(hasHash ? [field('hash', hash)] : []), field('index', '0')];
    const range = ranges[place];
    return formOf(entries, { headers: range === undefined ? {} : { 'content-range': range } });
  });

const visible = fc.stringMatching(/^[!-~ ]{1,60}$/);
const headerName = anyText.map((text) => text.toWellFormed().replaceAll(/[\r\n"]/g, ''));

const badForm: fc.Arbitrary<DraftBody> = fc
  .record({
    entries: fc.array(fc.record({ name: headerName, fileName: fc.option(headerName), bytes: someBytes }), {
      maxLength: 25,
    }),
    isCutOff: fc.boolean(),
    range: fc.oneof(
      visible,
      fc.tuple(fc.nat(), fc.nat(), fc.nat()).map(([from, to, total]) => `bytes ${from}-${to}/${total}`),
      fc.constantFrom(
        'bytes 0-0/1',
        'bytes 5-4/10',
        'bytes 0-9999999999/10000000000',
        'part 0/0',
        'part 1/1',
        'part 9/*',
      ),
    ),
  })
  .map(({ entries, isCutOff, range }) => formOf(entries, { isCutOff, headers: { 'content-range': range } }));

const badHash = someBytes.map((bytes) =>
  formOf([file(bytes), field('hash', 'd41d8cd98f00b204e9800998ecf8427e')]),
);
const twoFiles = someBytes.map((bytes) => formOf([file(bytes), file(bytes)]));
const noForm: fc.Arbitrary<DraftBody> = fc.constantFrom<DraftBody[]>(
  { kind: 'json', value: { file: 'none' } },
  { kind: 'raw', type: 'multipart/form-data', bytes: Buffer.from('x') },
  { kind: 'raw', type: `multipart/form-data; boundary=${BOUNDARY}`, bytes: Buffer.alloc(0) },
  { kind: 'raw', type: `multipart/form-data; boundary=${BOUNDARY}`, bytes: Buffer.from('no form\0') },
  { kind: 'raw', type: 'multipart/form-data; boundary=', bytes: Buffer.from('--\r\n') },
  { kind: 'raw', type: null, bytes: Buffer.from('bytes alone') },
);

/** A file, and a picture, that are larger than the maximum. */
const largeFile = someBytes.map((bytes) =>
  formOf([file(bytes)], { headers: { 'content-range': `bytes 0-${bytes.length - 1}/20000000` } }),
);
const largePicture = fc.constant(formOf([file(Buffer.alloc(21 * 1024 * 1024))]));

export const uploadForm = {
  good: goodUpload,
  bad: fc.oneof(badForm, badHash, twoFiles, noForm, largeFile),
};

const cutPicture = fc.nat(ONE_PIXEL.length).map((length) => formOf([file(ONE_PIXEL.subarray(0, length))]));

export const pictureForm = {
  good: fc.constant(formOf([{ name: 'file', fileName: 'picture.png', bytes: ONE_PIXEL }])),
  bad: fc.oneof(
    { weight: 4, arbitrary: badForm },
    { weight: 4, arbitrary: noForm },
    { weight: 4, arbitrary: twoFiles },
    { weight: 1, arbitrary: largePicture },
    { weight: 4, arbitrary: cutPicture },
  ),
};
