import { describe } from 'node:test';
import { MemoryQueue } from '../../src/delivery/testing/memory-queue.ts';
import { testQueue } from './queue/queue.ts';
import { openMemoryStorage, type StoredWebhooks } from './support/memory-storage.ts';

describe('the queue in memory:', () => {
  testQueue({
    name: 'the queue in memory',
    create: async () => {
      const queue = new MemoryQueue();
      const webhooks: StoredWebhooks = new Map();
      return {
        open: async () => openMemoryStorage(queue.reopen(), webhooks),
        remove: async () => undefined,
      };
    },
    createConfined: null,
    hasLeases: true,
  });
});
