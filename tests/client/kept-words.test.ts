/** What a phone reads of the record that is kept: the stored values, and plain words for every field. */
import { expect, it } from 'vitest';
import { keptRows, meanings } from '#lib/components/phone/kept-words.ts';
import type { SessionRecord } from '#lib/protocol/http.ts';
import { PROOFS } from '#lib/protocol/http.ts';

const RECORD: SessionRecord = {
  sessionId: 'b7c1f9a2-0000-4000-8000-000000000000',
  ipHash: '0123456789abcdef0123456789abcdef',
  createdAt: 1_790_000_000_000,
  renewedAt: 1_790_000_060_000,
  role: 'participant',
  show: 'ABC234',
  proof: 'none',
};

it('shows every field of the record exactly as it is stored, in its order, and nothing else', () => {
  const rows = keptRows({ ...RECORD }, 'en-GB');
  expect(rows.map(({ name, value }) => [name, value])).toEqual(
    Object.entries(RECORD).map(([name, value]) => [name, String(value)]),
  );
});

it('has words for every field, and words for no field that is not kept', () => {
  expect(Object.keys(meanings()).sort()).toEqual(Object.keys(RECORD).sort());
  for (const { meaning } of keptRows({ ...RECORD })) expect(meaning.length).toBeGreaterThan(10);
});

it('reads times and choices out for people, beside the stored value', () => {
  const readings = (record: SessionRecord) =>
    Object.fromEntries(keptRows({ ...record }, 'en-GB').map(({ name, reading }) => [name, reading]));
  expect(readings(RECORD)).toMatchObject({ role: 'one of the audience', sessionId: '', show: '' });
  expect(readings(RECORD)['createdAt']).toMatch(/2026/);
  for (const proof of PROOFS) expect(readings({ ...RECORD, proof })['proof']).not.toBe('');
});

it('shows a field that has no words yet, rather than hide it', () => {
  expect(keptRows({ shoeSize: 43 })).toEqual([{ name: 'shoeSize', meaning: '', value: '43', reading: '' }]);
});
