import { DatabaseSync } from 'node:sqlite';

/**
 * Makes the update of one row of a SQLite database endless. A process that updates the row runs until it is
 * killed. Other processes can see everything that it committed before.
 */
export class EndlessUpdate {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Makes every update of the row in `table` with the number `seq` endless. */
  static set(file: string, table: string, seq: number): EndlessUpdate {
    const database = new DatabaseSync(file);
    // A database with objects of unknown names is refused, unless the names begin with `_`. The recursive
    // query is in a view, because SQLite allows no recursive query in a trigger.
    database.exec(`
      create view _endless as with recursive n (i) as (select 1 union all select i + 1 from n) select i from n;
      create trigger _endless_update before update on ${table} when old.seq = ${Number(seq)}
      begin select count(*) from _endless; end;`);
    database.close();
    return new EndlessUpdate(file);
  }

  remove(): void {
    const database = new DatabaseSync(this.#file);
    database.exec('drop trigger _endless_update; drop view _endless;');
    database.close();
  }
}
