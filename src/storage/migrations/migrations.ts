import type { MigrationProvider } from 'kysely/migration';
import { initial } from './0001-initial.ts';

/** Every migration, by the name under which it is recorded. Names sort in the order of application. */
export const migrations: MigrationProvider = {
  getMigrations: async () => ({ '0001-initial': initial }),
};
