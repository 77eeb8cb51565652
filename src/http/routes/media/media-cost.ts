import { Type } from 'typebox';
import { invalidField } from '../../../domain/errors.ts';
import { MEDIA_TYPES, RESOLUTIONS, type Resolution } from '../../../domain/media.ts';
import type { App } from '../../app.ts';
import { dataBody, success } from '../../wire/envelope.ts';

/** Whoever hosts the service themselves pays nobody for encoding. */
const PRICE = 0;
/** Some 30 years; what is beyond is no media, and infinity no number. */
const MAX_DURATION_S = 1_000_000_000;

export function mediaCostRoutes(api: App): void {
  api.get(
    '/media/cost',
    {
      schema: {
        operationId: 'getMediaCost',
        tags: ['Media'],
        answerExample: success({ price: PRICE, is_enough: true }),
        summary: 'What encoding would cost: nothing, since the service is self-hosted',
        querystring: Type.Object({
          qualities: Type.String({
            minLength: 1,
            maxLength: 255,
            description: 'Comma-joined, such as 720p,1080p.',
            examples: ['720p,1080p'],
          }),
          type: Type.Enum(MEDIA_TYPES, { description: 'Of the media.', examples: ['video'] }),
          duration: Type.Number({
            minimum: 0,
            maximum: MAX_DURATION_S,
            description: 'Seconds.',
            examples: [120.5],
          }),
        }),
        response: { 200: dataBody({ price: Type.Number({ minimum: 0 }), is_enough: Type.Boolean() }) },
      },
    },
    async (request) => {
      for (const name of request.query.qualities.split(',')) {
        if (RESOLUTIONS.includes(name.trim() as Resolution)) continue;
        throw invalidField(
          'qualities',
          `expected some of ${RESOLUTIONS.join(', ')}, got ${JSON.stringify(name)}`,
        );
      }
      return success({ price: PRICE, is_enough: true });
    },
  );
}
