import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../../domain/errors.ts';
import { parseContentRange } from '../../../media/uploads/content-range.ts';
import type { ReceiveBytes } from '../../../media/uploads/uploads.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf, refuseRevoked } from '../../hooks/authentication.ts';
import { formParts } from '../../hooks/bodies/file-form.ts';
import type { Services } from '../../services.ts';
import { dataBody, IdParams, MessageBody, message, success } from '../../wire/envelope.ts';
import { PartForm, PartHeaders } from '../../wire/media/forms.ts';
import { UPLOAD_EXAMPLE, UploadBody, uploadBody } from '../../wire/media/upload-state.ts';

/** Registers the routes that upload a media's file. */
export function uploadRoutes(
  api: App,
  { uploads, authenticator }: Pick<Services, 'uploads' | 'authenticator'>,
): void {
  api.post(
    '/media/:id/part',
    {
      config: {
        access: 'upload',
        errors: {
          invalid_upload:
            'The form has no file or is malformed, or the part is empty, cut off, or different from what its Content-Range, index or hash says.',
          conflict: 'The upload is complete, or the media was deleted meanwhile.',
          limit_reached: 'The account already keeps as many bytes of media as it may.',
          too_large: 'The file is larger than the server accepts.',
        },
      },
      schema: {
        operationId: 'uploadPart',
        tags: ['Uploads'],
        answerExample: message('the part was received'),
        summary: 'Upload a part of a file, or the whole file',
        description: 'Parts may be sent in any order, at the same time, and more than once.',
        consumes: ['multipart/form-data'],
        form: PartForm,
        formHeaders: PartHeaders,
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      const place = parseContentRange(request.headers['content-range']);
      const part = { userId: accountOf(request).id, mediaId: request.params.id, place };
      await uploads.addPart(part, async (receive) => {
        const fields = await readPartForm(request, receive);
        await refuseRevoked(request, authenticator);
        return { hash: fields.get('hash') ?? null, index: fields.get('index') ?? null };
      });
      return message('the part was received');
    },
  );

  api.get(
    '/media/:id/upload',
    {
      config: { access: 'upload' },
      schema: {
        operationId: 'getUpload',
        tags: ['Uploads'],
        answerExample: success(UPLOAD_EXAMPLE),
        summary: 'Which bytes of a file were received',
        description:
          'With it, a client can resume an upload. The media has the same object as `upload`, but a key of the type `only_upload` may not read the media.',
        params: IdParams,
        response: { 200: dataBody(UploadBody.properties) },
      },
    },
    async (request) => success(uploadBody(await uploads.state(accountOf(request).id, request.params.id))),
  );

  api.get(
    '/media/:id/complete',
    {
      config: {
        access: 'upload',
        writes: true,
        errors: {
          upload_incomplete:
            'Bytes or parts of the file are missing: `details` lists them as values of `Content-Range`, at most 100.',
          conflict: 'The media was deleted meanwhile.',
          overloaded: 'More events arrive than can be stored. Nothing was changed; retry.',
          limit_reached:
            'The account already keeps as many bytes of media as it may, or has no room for encoded files.',
        },
      },
      // Turns off HEAD, because this GET changes state, and a HEAD must not.
      exposeHeadRoute: false,
      schema: {
        operationId: 'completeUpload',
        tags: ['Uploads'],
        answerExample: message('the upload is complete'),
        summary: 'Complete an upload: the media is received, and encoding begins',
        description:
          'If the file is not complete, the error names what is missing. A repeat changes nothing. This GET changes state, because the API that clients know defines it so.',
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      await uploads.complete(accountOf(request).id, request.params.id, actorOf(request));
      return message('the upload is complete');
    },
  );
}

/**
 * Reads a form with one file, passes the file's bytes to `receive`, and returns the other fields. The fields
 * can be before or after the file. If a field is sent twice, its last value applies.
 */
async function readPartForm(
  request: FastifyRequest,
  receive: ReceiveBytes,
): Promise<ReadonlyMap<string, string>> {
  const fields = new Map<string, string>();
  const gone = signalOfDisconnect(request);
  let hasFile = false;
  for await (const item of formParts(request)) {
    if (item.type !== 'file') {
      fields.set(item.fieldname, String(item.value));
      continue;
    }
    if (hasFile)
      throw new ServiceError('invalid_upload', 'the form has two files; expected one part per request');
    hasFile = true;
    try {
      await receive(item.file, gone);
    } catch (error) {
      // Reads and discards the rest of the file, so that a client that is still sending receives the answer.
      item.file.resume();
      throw error;
    }
  }
  if (!hasFile) {
    const detail = { field: 'file', message: 'expected the bytes of the part' };
    throw new ServiceError('invalid_upload', 'the form has no file', { details: [detail] });
  }
  return fields;
}

/** Returns a signal that is aborted if the client disconnects before its request is complete. */
function signalOfDisconnect({ raw }: FastifyRequest): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.complete) gone.abort();
  });
  return gone.signal;
}
