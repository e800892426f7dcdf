/** Places of those who read a log: whose they are, who waits for one, and who is told to come back. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  MAX_LOG_READERS,
  MAX_LOG_READERS_PER_ADDRESS,
  MAX_LOG_READERS_PER_SESSION,
} from '#lib/protocol/limits.ts';
import type { LogReader } from '#server/room/export-slots.ts';
import { ExportSlots } from '#server/room/export-slots.ts';

const phone = (id: string): LogReader => ({ id, role: 'participant' });
const address = (id: string): LogReader => ({ id, role: null });
const presenter: LogReader = { id: 'presenter', role: 'presenter' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Asks; null as long as there is no answer. */
function ask(exports: ExportSlots, reader: LogReader) {
  const asked: { answer: Awaited<ReturnType<ExportSlots['begin']>> | null } = { answer: null };
  void exports.begin(reader).then((answer) => (asked.answer = answer));
  return asked;
}

const settled = () => vi.advanceTimersByTimeAsync(0);
const codeOf = ({ answer }: ReturnType<typeof ask>) =>
  answer === null ? 'waits' : typeof answer === 'function' ? 'reads' : answer.code;

describe('a place', () => {
  it.each([
    ['session', phone('a'), MAX_LOG_READERS_PER_SESSION],
    ['address', address('a'), MAX_LOG_READERS_PER_ADDRESS],
  ])('belongs to a caller: one %s has a few, and others theirs', async (_what, reader, most) => {
    const exports = new ExportSlots();
    const own = Array.from({ length: most + 1 }, () => ask(exports, reader));
    const other = ask(exports, { ...reader, id: 'b' });
    await settled();
    expect(own.map(codeOf)).toEqual([...Array.from({ length: most }, () => 'reads'), 'waits']);
    expect(codeOf(other)).toBe('reads');
  });

  it('is there for a presenter when all are taken, and for whoever waited longest when one is given back', async () => {
    const exports = new ExportSlots();
    const readers = Array.from({ length: MAX_LOG_READERS }, (_, index) => ask(exports, phone(`p${index}`)));
    const [first, second] = [ask(exports, phone('first')), ask(exports, phone('second'))];
    const boss = ask(exports, presenter);
    await settled();
    expect([first, second, boss].map(codeOf)).toEqual(['waits', 'waits', 'reads']);
    const { answer } = readers[3]!;
    if (typeof answer === 'function') {
      answer();
      // Whatever happens to a stream, its place is given back once.
      answer();
    }
    await settled();
    expect([first, second].map(codeOf)).toEqual(['reads', 'waits']);
  });

  it('that does not come free is refused in time, and says when to come back', async () => {
    const exports = new ExportSlots();
    for (let index = 0; index < MAX_LOG_READERS; index++) ask(exports, phone(`p${index}`));
    const late = ask(exports, phone('late'));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(late.answer).toMatchObject({ code: 'BUSY', retryAfterMs: 5_000 });
  });

  it('is not waited for by one session many times over', async () => {
    const exports = new ExportSlots();
    const asked = Array.from({ length: 250 }, () => ask(exports, phone('a')));
    await settled();
    const codes = asked.map(codeOf);
    expect(codes.filter((code) => code === 'reads')).toHaveLength(MAX_LOG_READERS_PER_SESSION);
    expect(codes.filter((code) => code === 'RATE_LIMITED').length).toBeGreaterThan(240);
    expect(asked.at(-1)?.answer).toMatchObject({ retryAfterMs: 5_000 });
  });
});

it('lets three hundred phones of one hall read one after the other, none refused', async () => {
  const exports = new ExportSlots();
  const asked = Array.from({ length: 300 }, () => ask(exports, address('hall')));
  for (let turn = 0; turn < 300; turn++) {
    await settled();
    const reading = asked.find(({ answer }) => typeof answer === 'function');
    expect(reading, `turn ${turn}`).toBeDefined();
    const { answer } = reading!;
    if (typeof answer === 'function') answer();
    asked.splice(asked.indexOf(reading!), 1);
  }
});
