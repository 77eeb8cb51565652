import { createHash, randomUUID } from 'node:crypto';
import type { AuditAction, CredentialKind } from '../../../src/domain/audit.ts';
import { ALL_EVENTS, type ApiAnswer, type ApiClient, formWithFile } from '../service/api-client.ts';
import { CONSOLE_HEADERS, ConsoleBrowser } from '../service/console-browser.ts';
import { deliveriesOf, untilAllEnded } from '../service/deliveries.ts';
import { publishedEvent } from '../service/published-events.ts';

/** Callers of the audited routes, with the account and the files that the calls need. */
export interface AuditedWorld {
  readonly client: ApiClient;
  readonly operator: ApiClient;
  /** URL of the service. */
  readonly url: string;
  /** Email address of the client's account. The account has the password `PASSWORD`. */
  readonly email: string;
  /** URL of a receiver that answers with 200. */
  readonly receiverUrl: string;
  readonly picture: Buffer;
}

export interface AuditedRoute {
  /** Actions that a successful call records in the audit log, or the reason why it records no action. */
  readonly records: readonly AuditAction[] | string;
  /** Credential that the records name; default: `api_key`. */
  readonly credential?: CredentialKind;
  readonly call: (world: AuditedWorld, headers: Record<string, string>) => Promise<ApiAnswer>;
}

export const PASSWORD = 'correct horse battery staple';
export const OTHER_PASSWORD = 'another one, of many words';
export const HEADER_VALUE = 'Bearer of-the-receivers';

const url = ({ receiverUrl }: AuditedWorld) => `${receiverUrl}?once=${randomUUID()}`;

async function ofWebhook(world: AuditedWorld): Promise<string> {
  return `/webhooks/${(await world.client.createWebhook(url(world))).id}`;
}

async function ofMedia({ client }: AuditedWorld): Promise<string> {
  return `/media/${(await client.createMedia()).id}`;
}

async function ofApiKey({ client }: AuditedWorld): Promise<string> {
  return `/api_keys/${(await client.expect(201, 'POST', '/api_keys', { api_key_name: 'a key' })).data.api_key.id}`;
}

async function ofInbox(client: ApiClient): Promise<string> {
  return `/inboxes/${(await client.expect(201, 'POST', '/inboxes')).data.inbox.id}`;
}

function file(path: string, bytes: Uint8Array, headers: Record<string, string>) {
  const body = formWithFile(bytes);
  body.append('hash', createHash('md5').update(bytes).digest('hex'));
  return { path, init: { method: 'POST', body, headers } };
}

async function setThumbnail(world: AuditedWorld, path: string, headers: Record<string, string> = {}) {
  const form = file(`${path}/thumbnail`, world.picture, headers);
  return world.client.send(form.path, form.init);
}

function changeWebhook(method: 'PUT' | 'PATCH'): AuditedRoute['call'] {
  return async (world, headers) => {
    const changes = { url: url(world), headers: { authorization: HEADER_VALUE }, max_in_flight: 2 };
    return world.client.call(method, await ofWebhook(world), changes, headers);
  };
}

function ofWebhookPost(verb: string, body?: object): AuditedRoute['call'] {
  return async (world, headers) =>
    world.client.call('POST', `${await ofWebhook(world)}/${verb}`, body, headers);
}

/**
 * Body that a route accepts with any `{id}`, or `a file` for a route that expects a file. Other routes need
 * no body.
 */
const FITTING: Record<string, object | 'a file'> = {
  'PATCH /api/accounts/{id}': { first_name: 'Grace' },
  'PATCH /api/api_keys/{id}': { api_key_name: 'another name' },
  'PATCH /api/media/{id}': { title: 'Another clip' },
  'POST /api/media/{id}/part': 'a file',
  'POST /api/media/{id}/thumbnail': 'a file',
  'PUT /api/webhooks/{id}': { max_in_flight: 2 },
  'PUT /api/inboxes/{id}/behaviour': {},
  'PATCH /api/webhooks/{id}': { max_in_flight: 2 },
  'POST /api/webhooks/{id}/recover': { since: new Date(0).toISOString() },
};

/**
 * Calls a route as an operator, with an `id` that names nothing of the operator's. The rest of the call is
 * valid.
 */
export async function callOfAbsent(
  { operator, picture }: AuditedWorld,
  route: string,
  id: string,
  headers: Record<string, string>,
): Promise<ApiAnswer> {
  const [method = '', described = ''] = route.split(' ');
  const path = described.replace('/api', '').replace('{id}', id);
  const fitting = FITTING[route];
  if (fitting !== 'a file') return operator.call(method, path, fitting, headers);
  const form = file(path, picture, headers);
  return operator.send(form.path, form.init);
}

/** Every operation that changes something, by its method and path, with the actions that it records. */
export const AUDITED_ROUTES: Record<string, AuditedRoute> = {
  'POST /api/accounts': {
    records: ['account.created', 'api_key.created'],
    call: ({ operator }, headers) =>
      operator.call(
        'POST',
        '/accounts',
        { email: `${randomUUID()}@example.com`, password: PASSWORD },
        headers,
      ),
  },
  'PATCH /api/accounts/{id}': {
    records: ['account.disabled', 'account.password_set', 'account.updated'],
    call: async ({ operator }, headers) => {
      const email = `${randomUUID()}@example.com`;
      const { account } = (await operator.expect(201, 'POST', '/accounts', { email })).data;
      const changes = { is_disabled: true, first_name: 'Grace', last_name: '', password: PASSWORD };
      return operator.call('PATCH', `/accounts/${account.id}`, changes, headers);
    },
  },
  'POST /api/api_keys': {
    records: ['api_key.created'],
    call: ({ client }, headers) => client.call('POST', '/api_keys', { api_key_name: 'a key' }, headers),
  },
  'PATCH /api/api_keys/{id}': {
    records: ['api_key.updated'],
    call: async (world, headers) =>
      world.client.call('PATCH', await ofApiKey(world), { api_key_name: 'another name' }, headers),
  },
  'DELETE /api/api_keys/{id}': {
    records: ['api_key.deleted'],
    call: async (world, headers) => world.client.call('DELETE', await ofApiKey(world), undefined, headers),
  },
  'POST /api/auth/login': {
    records: ['account.signed_in'],
    credential: 'password',
    call: ({ client, email }, headers) =>
      client.call('POST', '/auth/login', { email, password: PASSWORD }, headers),
  },
  'POST /api/auth/password': {
    records: ['account.password_changed'],
    call: async ({ client }, headers) => {
      const change = { current_password: PASSWORD, new_password: OTHER_PASSWORD };
      const answer = await client.call('POST', '/auth/password', change, headers);
      const back = { current_password: OTHER_PASSWORD, new_password: PASSWORD };
      await client.expect(200, 'POST', '/auth/password', back);
      return answer;
    },
  },
  'POST /api/accounts/{id}/console-links': {
    records: ['account.console_link_issued'],
    call: ({ client, operator }, headers) =>
      operator.call('POST', `/accounts/${client.credentials.userId}/console-links`, undefined, headers),
  },
  'POST /api/console/session': {
    records: ['account.signed_in'],
    credential: 'password',
    call: ({ client, email }, headers) =>
      client.call(
        'POST',
        '/console/session',
        { email, password: PASSWORD },
        { ...headers, ...CONSOLE_HEADERS },
      ),
  },
  'DELETE /api/console/session': {
    records: ['account.signed_out'],
    credential: 'console',
    call: async ({ email, url }, headers) => {
      const browser = new ConsoleBrowser(url);
      await browser.signIn({ email, password: PASSWORD });
      const { status, body } = await browser.call('DELETE', '/api/console/session', { headers });
      return { status, contentType: null, body };
    },
  },
  'POST /api/console/session/password': {
    records: ['account.password_changed'],
    call: async ({ client }, headers) => {
      const path = '/console/session/password';
      const change = { current_password: PASSWORD, new_password: OTHER_PASSWORD };
      const answer = await client.call('POST', path, change, { ...headers, ...CONSOLE_HEADERS });
      const back = { current_password: OTHER_PASSWORD, new_password: PASSWORD };
      await client.expect(200, 'POST', '/auth/password', back);
      return answer;
    },
  },
  'POST /api/deliveries/{id}/retry': {
    records: ['delivery.resent'],
    call: async (world, headers) => {
      const { client, operator } = world;
      const path = await ofWebhook(world);
      await operator.expect(202, 'POST', '/events', publishedEvent(client, randomUUID(), 1));
      const webhookId = path.split('/').at(-1) as string;
      await untilAllEnded(client, webhookId);
      const [delivery] = await deliveriesOf(client, webhookId);
      return client.call('POST', `/deliveries/${delivery?.id}/retry`, undefined, headers);
    },
  },
  'POST /api/events': {
    records: 'the event itself is recorded, and there are thousands a second',
    call: ({ client, operator }, headers) =>
      operator.call('POST', '/events', publishedEvent(client, randomUUID(), 1), headers),
  },
  'POST /api/inboxes': {
    records: 'an inbox is in memory, and holds nothing but what was sent to it',
    call: ({ client }, headers) => client.call('POST', '/inboxes', undefined, headers),
  },
  'PUT /api/inboxes/{id}/behaviour': {
    records: 'an inbox is in memory, and holds nothing but what was sent to it',
    call: async ({ client }, headers) =>
      client.call('PUT', `${await ofInbox(client)}/behaviour`, { status: 500 }, headers),
  },
  'DELETE /api/inboxes/{id}': {
    records: 'an inbox is in memory, and holds nothing but what was sent to it',
    call: async ({ client }, headers) => client.call('DELETE', await ofInbox(client), undefined, headers),
  },
  'POST /inbox/{token}': {
    records: 'everybody who knows the URL may send requests to it',
    call: async ({ client, url }) => {
      const { inboxes } = (await client.expect(200, 'GET', '/inboxes')).data;
      const { status } = await fetch(url + new URL(inboxes[0].url).pathname, { method: 'POST', body: '{}' });
      return { status, contentType: null, body: {} };
    },
  },
  'POST /api/media': {
    records: 'it is the list, and changes nothing',
    call: ({ client }, headers) => client.call('POST', '/media', {}, headers),
  },
  'POST /api/media/create': {
    records: ['media.created'],
    call: ({ client }, headers) => client.call('POST', '/media/create', { title: 'A clip' }, headers),
  },
  'PATCH /api/media/{id}': {
    records: ['media.updated'],
    call: async (world, headers) =>
      world.client.call('PATCH', await ofMedia(world), { is_public: false }, headers),
  },
  'DELETE /api/media/{id}': {
    records: ['media.deleted'],
    call: async (world, headers) => world.client.call('DELETE', await ofMedia(world), undefined, headers),
  },
  'POST /api/media/{id}/part': {
    records: 'a file may come in thousands of parts; who created its media and who completed it is recorded',
    call: async (world, headers) => {
      const form = file(`${await ofMedia(world)}/part`, new Uint8Array(10), headers);
      return world.client.send(form.path, form.init);
    },
  },
  'GET /api/media/{id}/complete': {
    records: ['media.completed'],
    call: async (world, headers) => {
      const path = await ofMedia(world);
      const form = file(`${path}/part`, new Uint8Array(10), {});
      await world.client.send(form.path, form.init);
      return world.client.call('GET', `${path}/complete`, undefined, headers);
    },
  },
  'POST /api/media/{id}/thumbnail': {
    records: ['media.thumbnail_set'],
    call: async (world, headers) => setThumbnail(world, await ofMedia(world), headers),
  },
  'DELETE /api/media/{id}/thumbnail': {
    records: ['media.thumbnail_removed'],
    call: async (world, headers) => {
      const path = await ofMedia(world);
      await setThumbnail(world, path);
      return world.client.call('DELETE', `${path}/thumbnail`, undefined, headers);
    },
  },
  'POST /api/webhooks': {
    records: ['webhook.created'],
    call: (world, headers) =>
      world.client.call('POST', '/webhooks', { url: url(world), ...ALL_EVENTS }, headers),
  },
  'PUT /api/webhooks/{id}': { records: ['webhook.updated'], call: changeWebhook('PUT') },
  'PATCH /api/webhooks/{id}': { records: ['webhook.updated'], call: changeWebhook('PATCH') },
  'DELETE /api/webhooks/{id}': {
    records: ['webhook.deleted'],
    call: async (world, headers) => world.client.call('DELETE', await ofWebhook(world), undefined, headers),
  },
  'POST /api/webhooks/check/{id}': {
    records: 'it sends a sample, and only stores the check itself',
    call: async (world, headers) => {
      const path = (await ofWebhook(world)).replace('/webhooks/', '/webhooks/check/');
      return world.client.call('POST', path, undefined, headers);
    },
  },
  'POST /api/webhooks/check_url': {
    records: 'it looks at a URL, and stores nothing',
    call: (world, headers) => world.client.call('POST', '/webhooks/check_url', { url: url(world) }, headers),
  },
  'POST /api/webhooks/{id}/pause': { records: ['webhook.paused'], call: ofWebhookPost('pause') },
  'POST /api/webhooks/{id}/resume': {
    records: ['webhook.resumed'],
    call: async (world, headers) => {
      const path = await ofWebhook(world);
      await world.client.expect(200, 'POST', `${path}/pause`);
      return world.client.call('POST', `${path}/resume`, undefined, headers);
    },
  },
  'POST /api/webhooks/{id}/recover': {
    records: ['webhook.recovery_started'],
    call: ofWebhookPost('recover', { since: new Date(0).toISOString() }),
  },
  'POST /api/webhooks/{id}/secret/rotate': {
    records: ['webhook.secret_rotated'],
    call: ofWebhookPost('secret/rotate'),
  },
};
