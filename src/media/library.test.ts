import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { COMMAND_LINE } from '../domain/audit.ts';
import { ServiceError } from '../domain/errors.ts';
import { MediaLibrary, type MediaLibraryOptions } from './library.ts';

const by = COMMAND_LINE;

type Store = MediaLibraryOptions['store'];

const MOST = { open: 7, unfinished: 8 };

/** Creates a library whose storage and `discard` log their calls, in order. */
function newLibrary(store: Partial<Store>) {
  const log: string[] = [];
  const logged = (name: 'create' | 'update' | 'delete') => {
    const method = store[name] as ((...args: unknown[]) => Promise<unknown>) | undefined;
    return mock.fn(async (...args: unknown[]) => {
      log.push(name);
      return method?.(...args);
    });
  };
  const methods = { create: logged('create'), update: logged('update'), delete: logged('delete') };
  const library = new MediaLibrary({
    store: { ...store, ...methods } as unknown as Store,
    mostMedia: MOST,
    progressOf: () => [],
    admitEncoding: async () => undefined,
    discard: async (id) => void log.push(`discard ${id}`),
    now: () => 1234,
  });
  return { library, log, methods };
}

const refusal = new ServiceError('storage_full', 'the disk is full');
const refuse = async () => {
  throw refusal;
};

test('a deleted media is deleted in the storage first, then discarded', async () => {
  const { library, log, methods } = newLibrary({ delete: async () => true });
  await library.delete('u', 'm', by);
  assert.deepEqual(log, ['delete', 'discard m']);
  assert.deepEqual(methods.delete.mock.calls[0]?.arguments, ['u', 'm', { at: 1234, by }]);
});

test('nothing is discarded when the storage refuses or does not know the media', async () => {
  const refused = newLibrary({ delete: refuse });
  await assert.rejects(refused.library.delete('u', 'm', by), refusal);
  assert.deepEqual(refused.log, ['delete']);

  const unknown = newLibrary({ delete: async () => false });
  await assert.rejects(unknown.library.delete('u', 'm', by), { code: 'not_found' });
  assert.deepEqual(unknown.log, ['delete']);
});

test('a new media has defaults, and is created within the limit of open uploads', async () => {
  const { library, methods } = newLibrary({});
  const media = await library.create('u', { title: 'A clip', qualities: [] }, by);
  assert.deepEqual(methods.create.mock.calls[0]?.arguments, [media, MOST, by]);
  const { type, status, isPublic, isMp4, segmentDuration, receivedAt, createdAt } = media;
  assert.deepEqual(
    { type, status, isPublic, isMp4, segmentDuration, receivedAt, createdAt },
    {
      type: 'video',
      status: 'new',
      isPublic: true,
      isMp4: false,
      segmentDuration: 4,
      receivedAt: null,
      createdAt: 1234,
    },
  );
});

test('a media that the account does not have is not found', async () => {
  const { library } = newLibrary({ find: async () => null, update: async () => false });
  await assert.rejects(library.find('u', 'm'), { code: 'not_found' });
  await assert.rejects(library.update('u', 'm', { title: 'New' }, by), { code: 'not_found' });
});
