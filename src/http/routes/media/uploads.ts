import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { notFound, ServiceError } from '../../../domain/errors.ts';
import type { Media } from '../../../domain/media.ts';
import { mediaDir } from '../../../media/files/media-files.ts';
import { whilePresent } from '../../../media/files/while-present.ts';
import { completeUpload } from '../../../media/uploads/complete-upload.ts';
import {
  admitToAccount,
  countReceived,
  discardPart,
  type PartPlace,
  parseContentRange,
  type ReceivedPart,
  receivePart,
  storePart,
} from '../../../media/uploads/upload.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf, refuseRevoked } from '../../hooks/authentication.ts';
import { formParts } from '../../hooks/file-form.ts';
import type { Services } from '../../services.ts';
import { IdParams, MessageBody, message } from '../../wire/envelope.ts';
import { PartForm, PartHeaders } from '../../wire/forms.ts';

/** A multipart body, as it came: the part's bytes are on the disk, the last of each field's values is known. */
interface ReceivedForm {
  readonly part: ReceivedPart;
  readonly fields: ReadonlyMap<string, string>;
}

export function uploadRoutes(api: App, services: Services): void {
  const { storage, authenticator, pipeline, dataDir, maxMediaBytes, accountLimits, metrics } = services;

  api.post(
    '/media/:id/part',
    {
      config: {
        access: 'upload',
        errors: {
          invalid_upload:
            'The form has no file or is malformed, or the part is empty, cut off, or not what its Content-Range or hash says.',
          conflict: 'The upload is complete, or the media was deleted meanwhile.',
          limit_reached: 'The account has as many bytes of media as it may.',
          too_large: 'The file is larger than is taken.',
        },
      },
      schema: {
        operationId: 'uploadPart',
        tags: ['Uploads'],
        answerExample: message('the part was received'),
        summary: 'Upload a part of a file, or the whole of it',
        description: 'Parts may come in any order, at the same time, and again.',
        consumes: ['multipart/form-data'],
        form: PartForm,
        formHeaders: PartHeaders,
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      const media = await findMedia(request, request.params.id);
      if (media.receivedAt !== null)
        throw new ServiceError('conflict', 'the upload of this media was completed');
      const place = parseContentRange(request.headers['content-range']);
      const dir = mediaDir(dataDir, media.id);
      const account = { store: storage.media, most: accountLimits.bytes };
      await admitToAccount(media, place, account);
      const upload = () =>
        whilePresent(media, { store: storage.media, pipeline }, async () => {
          const { part, fields } = await receiveForm(request, dir, place, maxMediaBytes);
          try {
            await refuseRevoked(request, authenticator);
            await countReceived(media, place, part.size, account);
          } catch (error) {
            await discardPart(part);
            throw error;
          }
          await storePart(dir, part, {
            place,
            expectedHash: fields.get('hash') ?? null,
            isCompleted: async () => (await storage.media.findAny(media.id))?.receivedAt !== null,
          });
        });
      await metrics.uploadPart(upload);
      return message('the part was received');
    },
  );

  api.get(
    '/media/:id/complete',
    {
      config: {
        access: 'upload',
        writes: true,
        errors: {
          upload_incomplete: 'Not everything has come; the message names what is missing.',
          conflict: 'The media was deleted meanwhile.',
          overloaded: 'More events come in than can be stored. Nothing was changed: ask again.',
          limit_reached: 'The account has as many bytes of media as it may.',
        },
      },
      // Unlike other GETs it changes state, so it must not answer a HEAD.
      exposeHeadRoute: false,
      schema: {
        operationId: 'completeUpload',
        tags: ['Uploads'],
        answerExample: message('the upload is complete'),
        summary: 'End an upload: the media is received, and encoding begins',
        description:
          'What is missing is named. A repeat changes nothing. It is a GET that changes state, as the contract has it.',
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      const media = await findMedia(request, request.params.id);
      await completeUpload(media, {
        ...services,
        store: storage.media,
        mostBytes: accountLimits.bytes,
        by: actorOf(request),
      });
      return message('the upload is complete');
    },
  );

  async function findMedia(request: FastifyRequest, id: string): Promise<Media> {
    const media = await storage.media.find(accountOf(request).id, id);
    if (!media) throw notFound('media');
    return media;
  }
}

/** Fields may come before the file or after it, and twice: then the last counts. */
async function receiveForm(
  request: FastifyRequest,
  dir: string,
  place: PartPlace,
  maxBytes: number,
): Promise<ReceivedForm> {
  const fields = new Map<string, string>();
  // Ends the wait for a client that is gone.
  const gone = new AbortController();
  request.raw.once('close', () => {
    if (!request.raw.complete) gone.abort();
  });
  let part: ReceivedPart | null = null;
  try {
    for await (const item of formParts(request)) {
      if (item.type === 'file')
        part = await receiveFile(item, part, dir, { place, maxBytes, signal: gone.signal });
      else fields.set(item.fieldname, String(item.value));
    }
  } catch (error) {
    if (part) await discardPart(part);
    throw error;
  }
  if (!part) {
    const detail = { field: 'file', message: 'expected the bytes of the part' };
    throw new ServiceError('invalid_upload', 'the form has no file', { details: [detail] });
  }
  return { part, fields };
}

async function receiveFile(
  item: MultipartFile,
  before: ReceivedPart | null,
  dir: string,
  options: Parameters<typeof receivePart>[2],
): Promise<ReceivedPart> {
  if (before) throw new ServiceError('invalid_upload', 'the form has two files; expected one part a request');
  try {
    return await receivePart(dir, item.file, options);
  } catch (error) {
    // Read to its end, so that the answer reaches a client that is still sending.
    item.file.resume();
    throw error;
  }
}
