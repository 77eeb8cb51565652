/** Texts of the form that creates or changes a webhook. */
export const formTexts = {
  createTitle: 'New webhook',
  editTitle: (name: string) => `Edit “${name}”`,
  back: 'Webhooks',
  name: 'Name',
  nameHint: 'To recognise it in lists. Receivers never see it.',
  namePlaceholder: 'My server',
  url: 'URL',
  urlPlaceholder: 'https://example.com/hooks',
  urlHint: 'Your server at this URL gets a POST request for each event.',
  urlChecking: 'Checking the URL…',
  urlGood: 'Requests may be sent there.',
  urlPlain:
    'Requests may be sent there, but http lets everyone on the way read and change them. Use https where you can.',
  urlProblems: {
    missing: 'Enter the URL of your receiver.',
    malformed:
      'This is not a URL. It begins with https:// and has a host name, such as https://example.com/hooks.',
    scheme: (scheme: string) => `${scheme} can’t be used. The URL begins with https:// or http://.`,
    credentials:
      'A URL must not contain a user name or a password. Put them into the header Authorization, below.',
    long: 'The URL has more than 2048 characters.',
  },
  urlRefusedHint: {
    host: 'The host leads to a private address. Webhooks reach the public internet alone, unless the operator allows the network (MEDIAHOOKS_EGRESS_ALLOW).',
    port: 'Use port 443 for https, 80 for http, or ask the operator to allow this one.',
  },
  events: 'Events',
  eventsHint: 'Each one is a request of its own.',
  eventsMissing: 'Choose at least one event.',
  all: 'Choose all',
  none: 'Choose none',
  retries: 'Retries',
  retriesHint: 'When a request is sent again if your receiver does not answer 2xx within ten seconds.',
  delays: 'Seconds before each retry',
  delaysHint:
    'Numbers with commas between them, also with units: 5, 1m, 2h, 1d. Leave it empty for no retries.',
  delaysProblem: 'Enter up to 20 delays of up to 30 days, such as 5, 1m, 2h.',
  advanced: 'Limits, signatures and headers',
  maxInFlight: 'Requests at once',
  maxInFlightHint:
    'At most this many requests run at the same time. Leave it empty for the limit of the service (10).',
  maxInFlightProblem: 'Enter a whole number from 1 to 1000, or nothing.',
  signature: 'Signatures',
  signatureHint:
    'HMAC is what most libraries verify. Ed25519 lets receivers verify with a key that is no secret.',
  headers: 'Headers of your own',
  headersHint:
    'Sent with each request, for example Authorization for your gateway. Values are stored encrypted and never shown again.',
  headerName: 'Header',
  headerValue: 'Value',
  keptValue: 'Stored; type to replace it',
  addHeader: 'Add a header',
  removeHeader: (name: string) => `Remove the header ${name}`,
  create: 'Create the webhook',
  save: 'Save the changes',
  created: 'The webhook was created. Send it a sample event to see how it answers.',
  saved: 'The changes are saved. They apply to pending deliveries, too.',
};
