/** The database's order rows, recounted by whoever asked it, held against the allocations that the log tells. */
import type { Books } from './audit-books.ts';
import type { AuditClaims, D1Epoch } from './audit-claims.ts';
import { count } from './audit-findings.ts';
import type { Findings } from './audit-findings.ts';
import type { OrdersByEpoch } from './audit-lineage.ts';
import type { Write } from './write.ts';
import type { LaneId } from './lane.ts';

/**
 * Holds the database's rows against the log's allocations. A row that the log does not have yet is in order only while a
 * given state says that as many ops are in flight, and only with a version newer than the log's.
 */
export function compareRows(
  claims: AuditClaims,
  logged: (lane: LaneId) => OrdersByEpoch,
  books: Books,
  findings: Findings,
): void {
  const { d1Orders, state } = claims;
  if (!d1Orders) {
    findings.d1.figure = 'no rows given';
    return;
  }
  let rows = 0;
  let allocations = 0;
  let waiting = 0;
  for (const asked of d1Orders) {
    const given = { ...asked, rows: known(asked, asked.rows) };
    const orders = known(asked, logged(asked.lane).get(asked.epoch) ?? []);
    rows += given.rows.length;
    allocations += orders.length;
    const surplus = compareEpoch(given, orders, findings);
    let free = given.epoch === books.epoch ? (state?.lanes[asked.lane]?.inFlight ?? 0) : 0;
    for (const row of surplus) {
      if (free > 0 && row.version > orders.length) {
        free -= 1;
        waiting += 1;
      } else findings.d1.wrong(`epoch ${given.epoch}: row of op ${row.op} is not in the log`);
    }
  }
  const reported = waiting > 0 ? `, ${waiting} in flight and not reported yet` : '';
  findings.d1.figure = `${count(rows, 'row')}, ${count(allocations, 'allocation')}${reported}`;
}

/** What stood in the database before the room asked. */
function known({ upToVersion = Infinity }: D1Epoch, orders: readonly Write[]): readonly Write[] {
  return orders.filter(({ version }) => version <= upToVersion);
}

/** Compares one epoch and returns the rows that the log does not have. */
function compareEpoch(given: D1Epoch, orders: readonly Write[], findings: Findings): Write[] {
  const byOp = new Map(orders.map((order) => [order.op, order]));
  const surplus: Write[] = [];
  for (const row of given.rows) {
    const order = byOp.get(row.op);
    if (!order) {
      surplus.push(row);
      continue;
    }
    byOp.delete(row.op);
    const fields = Object.keys(order) as (keyof Write)[];
    const wrong = fields.find((field) => order[field] !== row[field]);
    if (wrong)
      findings.d1.wrong(`op ${row.op}: ${wrong} is ${row[wrong]} in its row, ${order[wrong]} in the log`);
  }
  for (const op of byOp.keys()) findings.d1.wrong(`epoch ${given.epoch}: op ${op} has no row`);
  return surplus;
}
