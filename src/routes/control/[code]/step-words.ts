/** What a step expects of the room, whether it holds, and what to do when it does not, in words. */
import { lanesIn } from '#lib/domain/by-lane.ts';
import { expectationOf, pageOf, standIn, suits } from '#lib/domain/script.ts';
import type { RoomState } from '#lib/domain/room-state.ts';
import type { Turn } from '#lib/client/history.ts';
import { lockWords } from '#lib/components/guardrail-words.ts';
import { laneWords } from '#lib/components/strategy-words.ts';
import { phrase } from '#lib/language/phrase.ts';

/** One expectation, as the script card shows it. */
export interface Expected {
  what: 'mode' | 'guardrail' | 'reset' | 'lock';
  met: boolean;
  words: string;
  /** What the presenter can do; empty when it is met. */
  prompt: string;
}

/** The expectations of the room's step; `resetDone` is whether the stock was reset since the step began. */
export function expectedNow(
  view: Pick<RoomState, 'step' | 'mode' | 'hold' | 'lanes' | 'guardrail' | 'ledger'>,
  resetDone: boolean,
): Expected[] {
  const { mode, guardrail, ledger } = view;
  const page = pageOf(view);
  const expected = expectationOf(page);
  const list: Expected[] = [];
  if (expected.mode) {
    const met = suits(expected.mode, view);
    const told = standIn(expected.mode, view.lanes);
    const prompt =
      told === null || told === expected.mode
        ? phrase(`This step is told on the ${laneWords(expected.mode)}.`)
        : phrase(`This step is told on ${laneWords(told)}.`);
    list.push({
      what: 'mode',
      met,
      words: phrase(`taps go to: ${laneWords(mode)}`),
      prompt: met ? '' : prompt,
    });
  }
  if (page === 'contest') list.push(...sameStock(view));
  else if (expected.reset) {
    const prompt = resetDone ? '' : phrase('Reset it: key R.');
    list.push({
      what: 'reset',
      met: resetDone,
      words: resetDone ? phrase('stock: reset') : phrase('stock: not reset yet'),
      prompt,
    });
  }
  if (expected.guardrail === 'tripped') {
    const met = guardrail.tripped;
    const words = met ? trippedWords(guardrail) : phrase('guardrail: not tripped yet');
    list.push({ what: 'guardrail', met, words, prompt: met ? '' : phrase('Trip it by hand: key T, twice.') });
  }
  if (expected.guardrail === 'clear') {
    const met = !guardrail.tripped;
    const prompt = met ? '' : phrase('A reset clears it, and so does key T, twice.');
    list.push({
      what: 'guardrail',
      met,
      words: met ? phrase('guardrail: clear') : phrase('guardrail: still tripped'),
      prompt,
    });
  }
  // The script speaks of sales that go on.
  if (ledger.locked)
    list.push({ what: 'lock', met: false, words: phrase('lock: engaged'), prompt: lockWords(ledger) });
  return list;
}

/** Before the GO of a contest: whether every lane begins with the whole stock. Afterwards it is too late to ask. */
function sameStock({ hold, lanes }: Pick<RoomState, 'hold' | 'lanes'>): Expected[] {
  if (hold?.goAtMs !== null) return [];
  const met = lanesIn(lanes).every(([, { acknowledged, inFlight }]) => acknowledged + inFlight === 0);
  const words = met ? phrase('stock: the same on every lane') : phrase('stock: some of it is sold');
  return [{ what: 'reset', met, words, prompt: met ? '' : phrase('Reset it: key R.') }];
}

/** True when the stock was reset since the step began. `turns` newest first. */
export function resetOnStep(turns: readonly Turn[]): boolean {
  return turns.find(({ kind }) => kind === 'reset' || kind === 'step')?.kind === 'reset';
}

function trippedWords({ by }: RoomState['guardrail']): string {
  return by === 'presenter'
    ? phrase('guardrail: tripped by hand')
    : phrase('guardrail: tripped by its threshold');
}
