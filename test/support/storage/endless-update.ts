import { DatabaseSync } from 'node:sqlite';

/**
 * A row of a SQLite database whose change never ends. A process that makes this change runs until it is killed,
 * and everything that it committed before is visible to others.
 */
export class EndlessUpdate {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Makes the change of the row of `table` with the number `seq` endless. */
  static set(file: string, table: string, seq: number): EndlessUpdate {
    const database = new DatabaseSync(file);
    // A trigger accepts no recursive query, but it accepts a view with one.
    database.exec(`
      create view endless as with recursive n (i) as (select 1 union all select i + 1 from n) select i from n;
      create trigger endless_update before update on ${table} when old.seq = ${Number(seq)}
      begin select count(*) from endless; end;`);
    database.close();
    return new EndlessUpdate(file);
  }

  remove(): void {
    const database = new DatabaseSync(this.#file);
    database.exec('drop trigger endless_update; drop view endless;');
    database.close();
  }
}
