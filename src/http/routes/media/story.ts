import { Type } from 'typebox';
import type { App } from '../../app.ts';
import { accountOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { dataBody, success } from '../../wire/envelope.ts';
import { STORY_ANSWER_EXAMPLE, storyBody, storyFields } from '../../wire/story.ts';
import { DIGITS } from '../../wire/validation-phrases.ts';

/** Registers the route that tells the whole story of a media. */
export function storyRoutes(api: App, { deliveries }: Pick<Services, 'deliveries'>): void {
  api.get(
    '/media/:id/story',
    {
      config: {
        isList: true,
        errors: { not_found: 'The account has neither the media nor deliveries of it.' },
      },
      schema: {
        operationId: 'getMediaStory',
        tags: ['Media'],
        answerExample: STORY_ANSWER_EXAMPLE,
        summary: 'What happened to a media: its upload, its events, their deliveries, and each attempt',
        description:
          'Entries are in the order of their times. A page has those of the 50 newest deliveries, each with its 20 newest attempts; `next_cursor` leads to earlier ones. Also tells the story of a media whose events a platform has published. An event that no webhook wanted is left out.',
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 255 }) }),
        querystring: Type.Object({
          cursor: Type.Optional(
            Type.String({
              pattern: DIGITS.source,
              maxLength: 15,
              description:
                'The `next_cursor` of the previous page. Left out: the page with the newest entries.',
            }),
          ),
        }),
        response: { 200: dataBody(storyFields) },
      },
    },
    async (request) => {
      const { cursor = null } = request.query;
      return success(storyBody(await deliveries.story(accountOf(request).id, request.params.id, cursor)));
    },
  );
}
