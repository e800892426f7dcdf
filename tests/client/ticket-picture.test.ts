import { expect, test } from 'vitest';
import { cellsOf } from '#lib/client/ticket-cells.ts';
import type { Ticket } from '#lib/client/ticket.ts';
import {
  cellPitch,
  columnsOf,
  pictureHeight,
  sectionHeight,
  sizesFor,
} from '#lib/components/phone/ticket-picture-layout.ts';

function ticket(op: string, change: Partial<Ticket>): Ticket {
  const blank = { key: op, op, lane: 'eventual', units: 1, seq: null, rttMs: null, holders: 1 } as const;
  return { ...blank, status: { kind: 'confirmed' }, ...change };
}

test('a picture has a cell for each unit that a lane granted, oldest first, and for nothing else', () => {
  const newestFirst = [
    ticket('e', { status: { kind: 'soldOut' } }),
    ticket('d', { lane: 'safe' }),
    ticket('c', { status: { kind: 'restored' }, holders: 2 }),
    ticket('b', { status: { kind: 'lost', by: null }, units: 2, holders: 2 }),
    ticket('a', {}),
  ];
  expect(cellsOf(newestFirst, 'eventual')).toEqual(['held', 'lost', 'lost', 'shared']);
  expect(cellsOf(newestFirst, 'safe')).toEqual(['held']);
});

test('cells are as large as their room allows, and left out when they would be specks', () => {
  for (let n = 1; n <= 2_000; n += 1) {
    const pitch = cellPitch(n, 270);
    if (pitch === 0) expect(n).toBeGreaterThan(1_000);
    else expect(Math.ceil(n / columnsOf(pitch)) * pitch, `${n} cells`).toBeLessThanOrEqual(270);
  }
  expect(cellPitch(25, 270)).toBe(60);
  expect(cellPitch(0, 270)).toBe(0);
});

test('a picture is as high as what it shows, from nothing to five products on two lanes', () => {
  const heights = (sections: number) =>
    Array.from({ length: sections }, () => sectionHeight(3, 25, sizesFor(sections)));
  expect(pictureHeight([])).toBeGreaterThan(600);
  for (const sections of [1, 2, 10])
    expect(pictureHeight(heights(sections)), `${sections} sections`).toBeLessThan(4_000);
});
