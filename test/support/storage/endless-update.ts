import { DatabaseSync } from 'node:sqlite';

/**
 * A row of a SQLite database whose change never ends, so that whoever comes to it is there until it is killed, with
 * what it committed before for all to see.
 */
export class EndlessUpdate {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Of `table`, the row of the number `seq`. */
  static set(file: string, table: string, seq: number): EndlessUpdate {
    const database = new DatabaseSync(file);
    // A trigger takes no recursive query, but a view that is one.
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
