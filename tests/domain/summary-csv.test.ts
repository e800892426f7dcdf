/** The table of every moment: exactly what the log has, and nothing that a spreadsheet would run. */
import { describe, expect, it } from 'vitest';
import type { RoomEvent } from '#lib/domain/events.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { PAIR } from '#lib/domain/lanes.ts';
import { CSV_COLUMNS, SeriesCsv } from '#lib/summary/series-csv.ts';
import { Replay } from '#lib/verify/replay.ts';
import { Log, openedBody, SKU } from './support/room-facts.ts';
import { playShow } from './support/show.ts';

function tableOf(events: readonly RoomEvent[]): string {
  const table = new SeriesCsv();
  return table.header + events.map((event) => table.take(event)).join('');
}

/** Rows as records; only for tables without quoted cells. */
function rowsOf(csv: string): Record<string, string>[] {
  const [header = '', ...rows] = csv.trimEnd().split('\r\n');
  const names = header.split(',');
  return rows.map((row) => {
    const cells = row.split(',');
    expect(cells).toHaveLength(names.length);
    return Object.fromEntries(names.map((name, place) => [name, cells[place] ?? '']));
  });
}

describe('the table of a show', () => {
  const { events } = playShow({ seed: 8, steps: 300, mode: 'both', resetEvery: 120, sku: { capacity: 12 } });
  const rows = rowsOf(tableOf(events));

  it('has a row for each lane at each start, and for each allocation, with its number in the log', () => {
    const starts = events.filter(({ kind }) => kind === 'opened' || kind === 'reset').length;
    const sold = events.filter(({ kind }) => kind === 'allocated');
    expect(rows).toHaveLength(starts * PAIR.length + sold.length);
    expect(rows.filter(({ event }) => event === 'allocated').map(({ seq }) => Number(seq))).toEqual(
      sold.map(({ seq }) => seq),
    );
    expect(Object.keys(rows[0]!)).toEqual([...CSV_COLUMNS]);
  });

  it('ends every epoch with the counters of the replay', () => {
    const replay = new Replay();
    for (const event of events) replay.take(event);
    replay.finish();
    for (const { totals } of replay.epochs) {
      for (const lane of PAIR) {
        const last = rows
          .filter((row) => row['epoch'] === String(totals.epoch) && row['lane'] === lane)
          .at(-1);
        const { acknowledged, stored, lostUnits, oversellDelta, capacity } = ofLane(totals.lanes, lane);
        expect(
          ['acknowledged', 'stored', 'lost', 'oversold', 'capacity'].map((name) => Number(last?.[name])),
        ).toEqual([acknowledged, stored, lostUnits, oversellDelta, capacity]);
      }
    }
  });

  it('says the time twice: for people, and exactly', () => {
    const [first] = rows;
    expect(new Date(first!['time']!).getTime()).toBe(Number(first!['atMs']));
  });
});

describe('a name that a spreadsheet would run', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1+1', '＋1', '－1', '＠SUM', '﹦1'])(
    '%j is text in the table',
    (name) => {
      const csv = tableOf(new Log(openedBody({ ...SKU, name })).events);
      const cell = `'${name}`;
      expect(csv).toContain(/[\r"]/.test(cell) ? `"${cell}"` : `,${cell},`);
    },
  );

  it('is parted from the next by semicolons where those are asked for, and quoted where it holds one', () => {
    const table = new SeriesCsv(';');
    expect(table.header).toBe(`${CSV_COLUMNS.join(';')}\r\n`);
    const [row = ''] = new Log(openedBody({ ...SKU, name: 'a;b, c' })).events.map((event) =>
      table.take(event),
    );
    expect(row).toContain(';"a;b, c";');
    expect(row.split('\r\n')[0]?.replace('a;b', 'ab').split(';')).toHaveLength(CSV_COLUMNS.length);
  });

  it('keeps commas, quotes and line breaks inside its cell', () => {
    const csv = tableOf(new Log(openedBody({ ...SKU, name: 'a "b", c\nd' })).events);
    expect(csv).toContain(',"a ""b"", c\nd",');
  });
});
