import type { Tag } from './description.ts';

/** Texts that introduce the API: title, version, introduction in Markdown, and the groups of operations. */

export const TITLE = 'Mediahooks';
/** Version of the API, not of the program. */
export const VERSION = '1';
/** License of the program, by its SPDX identifier. */
export const LICENSE = { name: 'Apache License 2.0', identifier: 'Apache-2.0' };

export const INTRODUCTION = `Mediahooks receives media files, encodes them, and delivers events about them as signed webhooks, in order.

## Authentication

All operations that are not public need credentials, in one of these forms:

- \`Authorization: Bearer <token>\`: a token from \`POST /api/auth/login\`, from the operator, or from the identity provider that the operator configured.
- \`Authorization: Basic <base64 of public_key:secret_key>\`: the two halves of an API key.
- The headers \`stream-public-key\` and \`stream-secret-key\`: the same two halves.

Empty credentials count as absent. An API key of the type \`only_upload\` can only create media and upload their files. Objects of other accounts are answered with \`not_found\`. In the examples of this page, \`URL\` is the address of the service, and \`KEY\` is \`public_key:secret_key\`.

## Answers

Answers under \`/api\` are JSON, and so is every error. A successful answer has \`data\`, or a \`message\` if there is nothing to return. The only exception is \`player.json\`, whose form players define:

\`\`\`
{ "status": "success", "data": { … } }
{ "status": "success", "message": "the webhook was changed" }
\`\`\`

An error has a \`message\` for people, a \`code\` for programs, which is stable, and \`details\` about single fields:

\`\`\`
{
  "status": "error",
  "code": "invalid_request",
  "message": "url: is required",
  "details": [{ "field": "url", "message": "is required" }]
}
\`\`\`

Times are RFC 3339 in UTC with milliseconds; ids are UUIDs. Every answer has the header \`x-request-id\`, with which the operator can find the request in the log.

## Pages

Long lists accept \`limit\` (default 25, at most 100) and \`offset\`, and their answers contain the \`total\` number of items. Lists of deliveries accept a \`cursor\` instead: the \`next_cursor\` of the previous page.

## Limits

The operator may limit the requests of each account and each address, per second and at once. If there is a limit, answers contain its state:

\`\`\`
ratelimit-policy: "account";q=5000;w=10
ratelimit: "account";r=4999;t=1
\`\`\`

\`q\` requests are accepted at once, and as many again after \`w\` seconds; \`r\` requests are left, and after \`t\` seconds all are available again. Further requests are answered 429 with the code \`rate_limited\`, and \`Retry-After\` says after how many seconds to retry. Requests that are answered 401 have a stricter limit per address. Bodies other than uploads may have at most 512 KiB (events 4 MiB).

## Versions

This is version ${VERSION}; it comprises all paths under \`/api\`. New fields and operations may be added. Ignore fields that you do not know.`;

export const TAGS: readonly Tag[] = [
  {
    name: 'Webhooks',
    description:
      'A webhook is a URL to which events are sent. It selects some of the five events, and has a signing secret and a retry schedule. See also [the requests that it receives](#delivered-events).',
  },
  {
    name: 'Deliveries',
    description:
      'A delivery is one event for one webhook, with a record of every attempt. Failed deliveries can be sent again, one at a time or all of a period.',
  },
  { name: 'Media', description: 'Received files and their encoded qualities.' },
  {
    name: 'Uploads',
    description:
      'Create a media, upload its file in one or more parts, and complete the upload. Parts may be sent in any order, concurrently, and repeatedly.',
  },
  {
    name: 'Files',
    description:
      'Encoded files of a media, for players. The `assets` of a media have the links. Links of a media that is not public are signed, and valid for a limited time.',
  },
  {
    name: 'Events',
    description:
      'For platforms with their own encoder: the platform publishes events, and Mediahooks delivers them.',
  },
  {
    name: 'API keys',
    description: 'The two halves of an API key are its credentials. Only a hash of the secret is stored.',
  },
  { name: 'Inboxes', description: 'Built-in receivers, with which people try webhooks without a server.' },
  {
    name: 'Console',
    description: 'Sessions of the web console: by a cookie that scripts cannot read.',
  },
  { name: 'Sign-in', description: 'Tokens for people, by email address and password.' },
  {
    name: 'Accounts',
    description:
      'Accounts that may use the service. Only operators may manage them, and only the command line creates operators.',
  },
  {
    name: 'Audit',
    description:
      'A record of every change: who made it, when, with which credential, and from which address.',
  },
  { name: 'Health', description: 'For monitoring and load balancers.' },
  {
    name: 'Delivered events',
    description: `Requests that the service sends to the URL of a webhook: a POST for each event, signed according to [Standard Webhooks](https://www.standardwebhooks.com), so that the libraries of that project can verify it.

- A complete 2xx answer within ten seconds acknowledges the event. Otherwise the event is sent again according to the webhook's \`retry_schedule\`, by default three times, three seconds apart. 410 pauses the webhook.
- A repeat has the same \`webhook-id\` and exactly the same body.
- Within one webhook and one media, an event is sent only after the previous event was acknowledged or exhausted its retries.`,
  },
];
