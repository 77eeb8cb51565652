import { type Static, Type } from 'typebox';
import { MAX_SPANS, type UploadState } from '../../../media/uploads/upload-state.ts';
import { Count, Nullable } from '../envelope.ts';

const spans = (description: string) =>
  Type.Array(Type.Object({ start: Count, end: Count }), { maxItems: MAX_SPANS, description });

export const UploadBody = Type.Object(
  {
    is_complete: Type.Boolean({ description: 'Whether the upload was completed.' }),
    received_bytes: Type.Integer({
      minimum: 0,
      description: 'Bytes of the file that were received; bytes that were sent twice count once.',
    }),
    size: Nullable(
      Type.Integer({ minimum: 0, description: 'Size of the file in bytes; null: not known yet.' }),
    ),
    ranges: spans(
      'Received bytes of the file: the first and the last byte of each range, counted from 0, in order.',
    ),
    parts: spans('Numbers of the received parts of a progressive upload, counted from 1, in order.'),
    has_more: Type.Boolean({
      description: `Whether there are more ranges or parts than the ${MAX_SPANS} that are listed.`,
    }),
  },
  {
    description:
      'Received bytes, so that a client can resume an upload: it sends the bytes that are missing.',
  },
);

const range = (start: number, end: number) => ({ start, end });

export const UPLOAD_EXAMPLE = {
  is_complete: false,
  received_bytes: 10485760,
  size: 20971520,
  ranges: [range(0, 5242879), range(10485760, 15728639)],
  parts: [],
  has_more: false,
};

export const NEW_UPLOAD_EXAMPLE = { ...UPLOAD_EXAMPLE, received_bytes: 0, size: null, ranges: [] };

export const COMPLETE_UPLOAD_EXAMPLE = {
  ...UPLOAD_EXAMPLE,
  is_complete: true,
  received_bytes: 20971520,
  ranges: [range(0, 20971519)],
};

/** Returns the state of an upload as the API shows it. */
export function uploadBody(state: UploadState): Static<typeof UploadBody> {
  return {
    is_complete: state.isComplete,
    received_bytes: state.receivedBytes,
    size: state.size,
    ranges: state.ranges.map(({ first, last }) => range(first, last)),
    parts: state.parts.map(({ first, last }) => range(first, last)),
    has_more: state.hasMore,
  };
}
