/** The SQLite of an object. Rows are counted as the platform's cursors report them, because each one is billed. */
import type { MeterCounts } from '#lib/domain/prices.ts';

/** An object's SQLite with a count of the rows that were read and written. Synchronous throughout. */
export class CountedSql {
  readonly #sql: SqlStorage;
  #read = 0;
  #written = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Runs a statement: its rows, as the statement names their columns. */
  run<R extends { [K in keyof R]: SqlStorageValue }>(statement: string, ...values: SqlStorageValue[]): R[] {
    const cursor = this.#sql.exec(statement, ...values);
    const rows = cursor.toArray() as unknown as R[];
    this.#read += cursor.rowsRead;
    this.#written += cursor.rowsWritten;
    return rows;
  }

  /** Rows read and written since this was last asked. */
  takeSpent(): MeterCounts {
    const spent = { 'do.rowRead': this.#read, 'do.rowWritten': this.#written };
    this.#read = 0;
    this.#written = 0;
    return spent;
  }
}
