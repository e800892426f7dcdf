/** The database's order rows, read from its file: what no code of the room has had in its hands. */
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { OrderRow } from '../checker/evidence.ts';
import { readOrders } from '../checker/read.ts';

const ROWS = `SELECT op, epoch, who, units, parent_version AS parentVersion, version,
  read_allocated AS readAllocated, wrote_allocated AS wroteAllocated
  FROM orders WHERE show = ? AND sku = ? ORDER BY epoch, version`;

/** Rows of one room, from a server's folder. The file is copied first: its own process keeps it locked. */
export function orderRows(folder: string, show: string, skuId: string): OrderRow[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.includes('D1') && file.endsWith('.sqlite'),
  );
  const copies = mkdtempSync(join(tmpdir(), 'revenue-guard-rows-'));
  try {
    for (const file of files) {
      const database = openCopy(join(folder, file), copies);
      const isOurs = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'orders'").get();
      const rows = isOurs ? database.prepare(ROWS).all(show, skuId) : null;
      database.close();
      if (rows) return readOrders(rows);
    }
  } finally {
    rmSync(copies, { recursive: true, force: true });
  }
  throw new Error(`There is no database with orders in ${folder}.`);
}

function openCopy(file: string, folder: string): DatabaseSync {
  const copy = join(folder, basename(file));
  // The log of what was written last lies beside the file.
  for (const part of ['', '-wal']) if (existsSync(file + part)) copyFileSync(file + part, copy + part);
  return new DatabaseSync(copy);
}
