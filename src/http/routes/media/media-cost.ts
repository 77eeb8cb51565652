import { Type } from 'typebox';
import { invalidField } from '../../../domain/errors.ts';
import { MEDIA_TYPES, QUALITY_NAMES, type QualityName, RESOLUTIONS } from '../../../domain/media.ts';
import type { App } from '../../app.ts';
import { dataBody, success } from '../../wire/envelope.ts';

/** Price of encoding: a self-hosted service charges nothing. */
const PRICE = 0;
/**
 * Maximum duration in seconds: about 30 years. This maximum also refuses infinity, which
 * JSON can't represent.
 */
const MAX_DURATION_S = 1_000_000_000;

/**
 * Registers the route that returns the price of encoding, because clients of the AIOZ Stream API
 * ask for the price.
 */
export function mediaCostRoutes(api: App): void {
  api.get(
    '/media/cost',
    {
      schema: {
        operationId: 'getMediaCost',
        tags: ['Media'],
        answerExample: success({ price: PRICE, is_enough: true }),
        summary: 'The price of encoding, which is 0 because the service is self-hosted',
        querystring: Type.Object({
          qualities: Type.String({
            minLength: 1,
            maxLength: 255,
            description: 'Resolutions or, for audio, presets, separated by commas, such as 720p,1080p.',
            examples: ['720p,1080p'],
          }),
          type: Type.Enum(MEDIA_TYPES, { description: 'Type of the media.', examples: ['video'] }),
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
      const names: readonly QualityName[] = request.query.type === 'audio' ? QUALITY_NAMES : RESOLUTIONS;
      for (const name of request.query.qualities.split(',')) {
        if (names.includes(name.trim() as QualityName)) continue;
        throw invalidField('qualities', `expected some of ${names.join(', ')}, got ${JSON.stringify(name)}`);
      }
      return success({ price: PRICE, is_enough: true });
    },
  );
}
