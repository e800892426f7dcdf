/**
 * The versions of a room's tables. What their rows hold as JSON belongs to the version too: whoever changes it so that code
 * of before could not read it adds a step, and a state of before to tests/server/fixtures.
 */
import type { Run, Schema } from './schema.ts';

/** See {@link import('./room-tables.ts').RoomTables} for what each is for. */
const TABLES = `
  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE commits (
    first_seq INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, lines TEXT NOT NULL, ops TEXT, gauges TEXT
  );
  CREATE TABLE gauges (slot INTEGER PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE pending (op TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE resets (
    key TEXT PRIMARY KEY, from_epoch INTEGER NOT NULL, done INTEGER NOT NULL, body TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE revoked (session TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE guesses (session TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
`;

/** The slot of the gauges that hold everything. */
const FULL = 2;

/** The room's tables, of which four versions were made before any wrote its number down. */
export const ROOM_SCHEMA: Schema = {
  tables: TABLES,
  steps: [
    opsToTheirCommits,
    (run) => run('ALTER TABLE commits ADD COLUMN gauges TEXT'),
    (run) => run('CREATE TABLE guesses (session TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID'),
  ],
  unwritten: (tables) => {
    if (!tables.has('facts')) return null;
    if (tables.has('log')) return 1;
    if (!tables.get('commits')?.includes('gauges')) return 2;
    return tables.has('guesses') ? 4 : 3;
  },
};

/** An op of version 1: a row of its own, which did not say when it was admitted. */
interface OldOp {
  op: string;
  owner: string;
  label: string;
  units: number;
  mode: string;
  epoch: number;
  lanes: Record<string, { seq?: number }>;
}

/** Version 1 had the log and the ops in tables of their own, and gauges and wakes among the facts. */
function opsToTheirCommits(run: Run): void {
  // Newer code that knew of no versions made these beside the old ones. Nothing is in them: it found no room to open.
  run('DROP TABLE IF EXISTS commits; DROP TABLE IF EXISTS gauges; DROP TABLE IF EXISTS guesses');
  run(`
    CREATE TABLE commits (
      first_seq INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, lines TEXT NOT NULL, ops TEXT
    );
    CREATE TABLE gauges (slot INTEGER PRIMARY KEY, value TEXT NOT NULL);
    INSERT INTO commits (first_seq, last_seq, lines) SELECT first_seq, last_seq, lines FROM log;
  `);
  for (const [firstSeq, ops] of opsByCommit(run)) {
    run('UPDATE commits SET ops = ? WHERE first_seq = ?', JSON.stringify(ops), firstSeq);
  }
  moveGauges(run);
  run("DELETE FROM facts WHERE name IN ('gauges', 'wakes'); DROP TABLE ops; DROP TABLE log");
}

/** Every op beside the events of its newest allocation, which also say when that was. */
function opsByCommit(run: Run): Map<number, unknown[]> {
  const byCommit = new Map<number, unknown[]>();
  const old = run<{ answer: string }>('SELECT answer FROM ops').map(({ answer }) => {
    const op = JSON.parse(answer) as OldOp;
    return { op, seq: Math.max(0, ...Object.values(op.lanes).map(({ seq }) => seq ?? 0)) };
  });
  old.sort((a, b) => b.seq - a.seq);
  for (const { firstSeq, lines } of run<{ firstSeq: number; lines: string }>(
    'SELECT first_seq AS firstSeq, lines FROM commits ORDER BY first_seq',
  )) {
    const events = lines.split('\n');
    while ((old.at(-1)?.seq ?? Infinity) < firstSeq + events.length) {
      const { op: known, seq } = old.pop()!;
      const { atMs } = JSON.parse(events[seq - firstSeq] ?? '{"atMs":0}') as { atMs: number };
      const { op, owner, label, units, mode, epoch, lanes } = known;
      const ops = byCommit.get(firstSeq) ?? [];
      byCommit.set(firstSeq, [...ops, [op, owner, label, units, mode, epoch, atMs, lanes]]);
    }
  }
  return byCommit;
}

/** The gauges as one that was stored in full, at the newest event: its limits hold what every op took. */
function moveGauges(run: Run): void {
  const facts = new Map(
    run<{ name: string; value: string }>(
      "SELECT name, value FROM facts WHERE name IN ('gauges', 'wakes')",
    ).map(({ name, value }) => [name, value]),
  );
  const stored = facts.get('gauges');
  if (stored === undefined) return;
  const { meters, latency, limits, cursors } = JSON.parse(stored) as Record<string, unknown>;
  const seq = run<{ seq: number | null }>('SELECT MAX(last_seq) AS seq FROM commits')[0]?.seq ?? 0;
  const wakes = Number(facts.get('wakes') ?? 1);
  const full = JSON.stringify({ saves: 1, meters, latency, cursors, wakes, seq, limits });
  run('INSERT INTO gauges (slot, value) VALUES (?, ?)', FULL, full);
}
