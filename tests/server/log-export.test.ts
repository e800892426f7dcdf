/** The export's way from stored runs to bytes: nothing is lost, doubled or split in it, however it is stored and read. */
import { describe, expect, it, vi } from 'vitest';
import { LOG_READ_WITHIN_MS } from '#lib/protocol/limits.ts';
import { exportLog } from '#server/room/log-lines.ts';
import type { RoomMemory } from '#lib/room/memory.ts';
import type { LogChunk } from '#lib/room/tables.ts';
import type { RoomTables } from '#server/storage/room-tables.ts';
import { randomFrom } from '#lib/rehearsal/random.ts';

const SEED = 7;
const HEAD = 'f'.repeat(64);

/** Lines of 1 to 4 bytes a character, some longer than what is handed on at once. */
function linesOf(count: number, random: () => number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const sign = ['a', 'ü', '→', '🎟'][Math.floor(random() * 4)]!;
    const length = random() < 0.02 ? 90_000 : Math.floor(random() * 600);
    return `${index + 1} ${sign.repeat(length)}`;
  });
}

/** As a room stores them: by one, or by hundreds. */
function runsOf(lines: readonly string[], random: () => number): LogChunk[] {
  const runs: LogChunk[] = [];
  for (let at = 0; at < lines.length;) {
    const size = random() < 0.5 ? 1 : 1 + Math.floor(random() * 200);
    const own = lines.slice(at, at + size);
    runs.push({ firstSeq: at + 1, lastSeq: at + own.length, lines: own.join('\n') });
    at += own.length;
  }
  return runs;
}

function exportOf(runs: readonly LogChunk[], seq: number, ended = vi.fn()) {
  const readLogAfter = vi.fn((after: number, { runs: most = -1 }) =>
    runs.filter(({ firstSeq }) => firstSeq > after).slice(0, most),
  );
  const memory = {
    facts: { seq, head: HEAD, opened: null, lanes: {}, hold: null },
    opening: { show: 'ABCDEF', sku: {}, config: {} },
  };
  const sizes = (after: number, most: number) =>
    runs
      .filter(({ firstSeq }) => firstSeq > after)
      .slice(0, most)
      .map(({ lines }) => new TextEncoder().encode(lines).length);
  const tables = { readLogAfter, readRunSizes: vi.fn(sizes) };
  const stream = exportLog(tables as unknown as RoomTables, memory as unknown as RoomMemory, 1, ended);
  return { ended, readLogAfter, stream };
}

describe('an export', () => {
  it('escapes what readers of lines in other languages take for the end of one', async () => {
    const line = JSON.stringify({ name: 'one\u2028two\u2029three\u0085four' });
    const { stream } = exportOf([{ firstSeq: 1, lastSeq: 1, lines: line }], 1);
    const text = await new Response(stream).text();
    expect(text).not.toMatch(/[\u0085\u2028\u2029]/);
    expect(text.split('\n')[1]).toBe('{"name":"one\\u2028two\\u2029three\\u0085four"}');
  });

  it('hands on every line once and whole, in order, whatever the runs are (20 seeded logs)', async () => {
    for (let seed = SEED; seed < SEED + 20; seed += 1) {
      const random = randomFrom(seed);
      const lines = linesOf(1 + Math.floor(random() * 400), random);
      const { stream, ended } = exportOf(runsOf(lines, random), lines.length);
      const [header = '', ...rest] = (await new Response(stream).text()).split('\n');
      expect(header, `seed ${seed}`).toContain('"format":"revenue-guard-log"');
      expect(
        rest.slice(0, -2).every((line, index) => line === lines[index]),
        `seed ${seed}`,
      ).toBe(true);
      expect(rest.slice(-2)).toEqual([JSON.stringify({ head: HEAD, seq: lines.length }), '']);
      expect(rest.length).toBe(lines.length + 2);
      await expect.poll(() => ended.mock.calls.length).toBe(1);
    }
  });

  it('reads no further than its reader has read', async () => {
    const lines = linesOf(1_000, randomFrom(SEED));
    const { stream, readLogAfter } = exportOf(
      lines.map((line, index) => ({ firstSeq: index + 1, lastSeq: index + 1, lines: line })),
      lines.length,
    );
    const reader = stream.getReader();
    // The header comes on its own.
    await reader.read();
    expect(readLogAfter).not.toHaveBeenCalled();
    await reader.read();
    const after = readLogAfter.mock.calls.at(-1)?.[0] ?? 0;
    expect(after).toBeGreaterThan(0);
    expect(after).toBeLessThan(lines.length - 512);
    await reader.cancel();
  });

  it('holds no more of the log than is handed on at once, however small the runs before it were', async () => {
    // A quiet start, then rushes: five hundred sales in one run.
    const lines = Array.from({ length: 40 }, (_, index) => (index < 20 ? 'a' : 'a'.repeat(100_000)));
    const runs = lines.map((line, index) => ({ firstSeq: index + 1, lastSeq: index + 1, lines: line }));
    const { stream, readLogAfter } = exportOf(runs, lines.length);
    await new Response(stream).text();
    const held = readLogAfter.mock.results.map(({ value }) =>
      (value as LogChunk[]).reduce((sum, run) => sum + run.lines.length, 0),
    );
    expect(Math.max(...held)).toBe(100_000);
  });

  it('lets a reader go that takes nothing', async () => {
    vi.useFakeTimers();
    const lines = linesOf(1_000, randomFrom(SEED));
    const { stream, ended } = exportOf(runsOf(lines, randomFrom(SEED)), lines.length);
    const reader = stream.getReader();
    await reader.read();
    await vi.advanceTimersByTimeAsync(LOG_READ_WITHIN_MS - 1);
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    vi.useRealTimers();
    await expect.poll(() => ended.mock.calls.length).toBe(1);
    await expect(reader.read().then(() => reader.read())).rejects.toThrow();
  });

  it('of runs of one event asks for many at once', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index} ${'a'.repeat(250)}`);
    const runs = lines.map((line, index) => ({ firstSeq: index + 1, lastSeq: index + 1, lines: line }));
    const { stream, readLogAfter } = exportOf(runs, lines.length);
    await new Response(stream).text();
    expect(readLogAfter.mock.calls.length).toBeLessThan(150);
  });

  it('ends when its reader goes', async () => {
    const lines = linesOf(1_000, randomFrom(SEED));
    const { stream, ended } = exportOf(runsOf(lines, randomFrom(SEED)), lines.length);
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    await expect.poll(() => ended.mock.calls.length).toBe(1);
  });

  it('of a log whose end is missing breaks off without a head, and gives its place back', async () => {
    const { stream, ended } = exportOf([{ firstSeq: 1, lastSeq: 2, lines: 'one\ntwo' }], 3);
    await expect(new Response(stream).text()).rejects.toThrow('ends with event 2');
    await expect.poll(() => ended.mock.calls.length).toBe(1);
  });
});
