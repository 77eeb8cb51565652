import type { Tag } from './description.ts';

/** What is said of the API as a whole, in Markdown. */

export const TITLE = 'Mediahooks';
/** Of the API, not of the program. */
export const VERSION = '1';

export const INTRODUCTION = `Mediahooks receives media files, encodes them, and delivers what happens to them as signed webhooks, in order.

## Authentication

Every operation but the public ones needs credentials, in one of these ways:

- \`Authorization: Bearer <token>\`: a token of \`POST /api/auth/login\`, one that the operator made, or one of the identity provider that the operator named.
- \`Authorization: Basic <base64 of public_key:secret_key>\`: the two halves of an API key.
- The headers \`stream-public-key\` and \`stream-secret-key\`: the same two halves.

Empty ones count as absent. A key of the type \`only_upload\` may create and fill media, and nothing else. What belongs to another account is answered as if it were not there. In the examples of this page, \`URL\` is the address of the service, and \`KEY\` is \`public_key:secret_key\`.

## Answers

Answers under \`/api\` are JSON, and so is every error. A success has \`data\`, or a \`message\` where there is nothing to return; \`player.json\` is what players read, and nothing else:

\`\`\`
{ "status": "success", "data": { … } }
{ "status": "success", "message": "the webhook was changed" }
\`\`\`

An error says what is wrong for people (\`message\`), for programs (\`code\`, which is stable), and by field (\`details\`):

\`\`\`
{
  "status": "error",
  "code": "invalid_request",
  "message": "url: is required",
  "details": [{ "field": "url", "message": "is required" }]
}
\`\`\`

Times are RFC 3339 in UTC with milliseconds; ids are UUIDs. Every answer bears the header \`x-request-id\`, by which the operator finds it in the log.

## Pages

Lists that may be long take \`limit\` (25, at most 100) and \`offset\`, and answer the \`total\` beside the items of the page. Deliveries are many, and take a \`cursor\`: the \`next_cursor\` of the page before.

## Limits

An account, and an address, may make so many requests a second, and so many at once. Where there is a limit, answers say how its sender stands:

\`\`\`
ratelimit-policy: "account";q=5000;w=10
ratelimit: "account";r=4999;t=1
\`\`\`

\`q\` requests are taken at once, and all of them again after \`w\` seconds; \`r\` are left, and in \`t\` seconds all are back. Past a limit the answer is 429 with the code \`rate_limited\`, and \`Retry-After\` says in how many seconds to come again. Requests that are answered 401 have a stricter limit by address. Bodies other than uploads may have 512 KiB (events 4 MiB).

## Versions

This is version ${VERSION}, which is all that is under \`/api\`. Answers may gain fields, and the API operations: pass over what you don't know.`;

export const TAGS: readonly Tag[] = [
  {
    name: 'Webhooks',
    description:
      'Where events are sent, which, and how: a URL with the five events that it wants, a signing secret, a schedule of retries. [The requests that it receives](#delivered-events) are below.',
  },
  {
    name: 'Deliveries',
    description:
      'One event that is owed to one webhook, with every attempt on record. What failed can be sent again, one by one or all of a time.',
  },
  { name: 'Media', description: 'Received files and what is encoded of them.' },
  {
    name: 'Uploads',
    description:
      'A media is created, filled with its file in one part or many, and completed. Parts may come in any order, at the same time, and again.',
  },
  {
    name: 'Files',
    description:
      'What was made of a media, for players: its `assets` have the links. Those of a media that is not public are signed, and good for a while.',
  },
  { name: 'Events', description: 'For platforms with an encoder of their own: they publish, we deliver.' },
  {
    name: 'API keys',
    description: "A key's two halves are its credentials. Secrets are stored as hashes alone.",
  },
  { name: 'Sign-in', description: 'Tokens for people, by email address and password.' },
  {
    name: 'Accounts',
    description: 'Who may use the service. For operators, whom the command line alone makes.',
  },
  { name: 'Audit', description: 'Who changed what, when, by which credential, and from where.' },
  { name: 'Health', description: 'For what watches the service, and for load balancers.' },
  {
    name: 'Delivered events',
    description: `What the service sends to the URL of a webhook: a POST for each event, signed as [Standard Webhooks](https://www.standardwebhooks.com) says, so that its libraries verify it.

- Any whole 2xx answer within ten seconds acknowledges. Anything else is tried again by the webhook's \`retry_schedule\`: three times, three seconds apart, unless another was asked for. 410 pauses the webhook.
- A repeat bears the same \`webhook-id\`, and byte for byte the same body.
- Within one webhook and one media, an event is sent only when the one before it was acknowledged or given up.`,
  },
];
