import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../../domain/errors.ts';
import { AccountRooms } from './account-rooms.ts';

const MIB = 1024 * 1024;

/** A storage in memory with a limit, and rooms in it. */
function roomsWithin(most: number) {
  const reserved = new Map<string, number>();
  const rooms = new AccountRooms({
    most,
    store: {
      reserveEncoded: async (id, bytes) => {
        const others = [...reserved].filter(([other]) => other !== id).reduce((sum, [, one]) => sum + one, 0);
        if (others + bytes > most) throw new ServiceError('limit_reached', `${bytes} do not fit`);
        reserved.set(id, Math.max(bytes, reserved.get(id) ?? 0));
      },
    },
  });
  return { rooms, reserved };
}

test('what is written is counted before it exceeds what is reserved', async () => {
  const { rooms, reserved } = roomsWithin(100 * MIB);
  const room = rooms.enter('m', 'u');
  assert.equal(await room.reserve(5 * MIB, 10 * MIB), null);
  assert.equal(reserved.get('m'), 15 * MIB);
  const [first, second] = [room.begin(), room.begin()];
  assert.equal(await first.hold(9 * MIB), null);
  assert.equal(reserved.get('m'), 15 * MIB, 'within the reservation');
  assert.equal(await second.hold(2 * MIB), null);
  assert.equal(reserved.get('m'), 32 * MIB, 'both runs count together, and some more is reserved at once');
  first.end(true);
  second.end(false);
  const third = room.begin();
  assert.equal(await third.hold(18 * MIB), null);
  assert.equal(reserved.get('m'), 32 * MIB, 'files that were kept count, and those that were removed do not');
  const refused = await third.hold(90 * MIB);
  assert.deepEqual([refused?.kind, refused?.reason], ['failed', `${120 * MIB} do not fit`]);
});

test('a media that does not fit may wait while others of its account are being encoded', async () => {
  const { rooms, reserved } = roomsWithin(100 * MIB);
  const large = rooms.enter('large', 'u');
  assert.equal(await large.reserve(0, 90 * MIB), null);
  const small = rooms.enter('small', 'u');
  assert.equal((await small.reserve(0, 20 * MIB))?.kind, 'failed');
  const freed = small.takeFreed();
  assert.ok(freed);
  assert.equal(small.takeFreed(), null, 'another failure would not wait');
  const other = rooms.enter('other', 'v');
  assert.equal((await other.reserve(0, 20 * MIB))?.kind, 'failed');
  assert.equal(other.takeFreed(), null, 'it waits for no other account');
  reserved.set('large', 10 * MIB);
  rooms.leave('large', 'u');
  await freed;
  assert.equal(await small.reserve(0, 20 * MIB), null);
  assert.equal(small.takeFreed(), null);
  rooms.leave('small', 'u');
  const huge = rooms.enter('huge', 'u');
  assert.equal((await huge.reserve(0, 95 * MIB))?.kind, 'failed');
  assert.equal(huge.takeFreed(), null);
});

test('an error of the storage is passed on', async () => {
  const store = { reserveEncoded: () => Promise.reject(new ServiceError('unavailable', 'locked')) };
  const room = new AccountRooms({ most: 1, store }).enter('m', 'u');
  await assert.rejects(room.reserve(0, 1), { code: 'unavailable' });
  await assert.rejects(room.begin().hold(1), { code: 'unavailable' });
});
