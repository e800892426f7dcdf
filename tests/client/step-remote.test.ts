import { expect, test } from 'vitest';
import type { PresenterApi } from '#lib/client/presenter-api.ts';
import { StepRemote } from '#lib/client/step-remote.ts';
import type { Hold } from '#lib/domain/hold.ts';
import type { Mode, Tapped } from '#lib/domain/lane.ts';
import { expectationOf, STEPS } from '#lib/domain/script.ts';

interface Turn {
  step: number;
  mode?: Mode;
}
type Change = Turn | { hold: true } | { go: true };

interface Start {
  connected?: boolean;
  others?: string[];
  step?: number;
  mode?: Mode;
}

/** A room that does what it is asked only when told to, and an API that notes what it was asked. */
function stage({ connected = true, others = [], step = 3, mode = 'eventual' }: Start = {}) {
  const sent: Change[] = [];
  const http: unknown[] = [];
  const now: { step: number; mode: Mode; hold: Hold | null } & Tapped = {
    step,
    mode,
    hold: null,
    lanes: { safe: null, eventual: null },
  };
  let done = 0;
  /** `carries`: the connection is not only believed to be there. */
  const link = { connected, carries: true };
  const api = { control: (change: unknown) => http.push(change) } as unknown as PresenterApi;
  const control = (change: Change, went: () => void) => {
    if (link.connected) sent.push(change);
    if (link.connected && link.carries) went();
    return link.connected;
  };
  const remote = new StepRemote({ control, now: () => now }, api, others);
  const turnTo = (change: Turn) => {
    now.mode = change.mode ?? now.mode;
    if (change.step === now.step) return;
    now.step = change.step;
    remote.told(change.step);
  };
  /** The room hears the next of what was sent. */
  const hear = () => turnTo(sent[done++] as Turn);
  return { remote, sent, http, hear, turnTo, now, link };
}

const steps = (sent: readonly Change[]) => sent.map((change) => 'step' in change && change.step);

test('two quick presses are two steps, whenever the room tells them', () => {
  const { remote, sent, hear } = stage();
  remote.move(1);
  remote.move(1);
  hear();
  remote.move(1);
  hear();
  hear();
  remote.move(-1);
  expect(steps(sent)).toEqual([4, 5, 6, 5]);
});

test('somebody else’s turn of the page counts: the next press goes on from there', () => {
  const { remote, sent, turnTo, hear } = stage();
  remote.move(1);
  hear();
  turnTo({ step: 3 });
  remote.move(1);
  turnTo({ step: 1 });
  remote.move(1);
  expect(steps(sent)).toEqual([4, 4, 2]);
});

test('one press turns the page and sets the stage, in one message', () => {
  const { remote, sent, hear } = stage({ step: 1, mode: 'safe' });
  for (let press = 0; press < 3; press += 1) {
    remote.move(1);
    hear();
  }
  expect(sent).toEqual([
    { step: 2, mode: 'safe' },
    { step: 3, mode: 'eventual' },
    { step: 4, mode: 'eventual' },
  ]);
});

test('going back sets the lane of that step, also before the room told the way there', () => {
  const { remote, sent, hear, now } = stage({ step: 2, mode: 'safe' });
  remote.move(1);
  remote.move(-1);
  hear();
  hear();
  expect(sent.at(-1)).toEqual({ step: 2, mode: 'safe' });
  expect(now).toMatchObject({ step: 2, mode: 'safe' });
});

test('no turn of a page says anything but step and lane: stock and guardrail are never touched', () => {
  const { remote, sent, hear, http } = stage({ step: 1, mode: 'safe', others: ['hoodie'] });
  for (const by of [1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1] as const) {
    remote.move(by);
    hear();
  }
  expect(new Set(sent.flatMap((turn) => Object.keys(turn)))).toEqual(new Set(['step', 'mode']));
  expect(new Set(http.flatMap((turn) => Object.keys(turn as object)))).toEqual(
    new Set(['skuId', 'step', 'mode']),
  );
});

test('a split screen that was chosen by hand is kept', () => {
  const { remote, sent, hear } = stage({ step: 1, mode: 'both' });
  remote.move(1);
  hear();
  remote.move(1);
  expect(sent).toEqual([{ step: 2 }, { step: 3 }]);
});

test('the script has a first and a last page', () => {
  const { remote, sent, turnTo } = stage({ step: STEPS });
  remote.move(1);
  turnTo({ step: 1 });
  remote.move(-1);
  expect(steps(sent)).toEqual([STEPS, 1]);
});

test('the same step again sets the stage, and is no step of its own', () => {
  const { remote, sent, hear } = stage({ step: 3, mode: 'safe' });
  remote.go(3);
  expect(sent).toEqual([{ step: 3, mode: 'eventual' }]);
  hear();
  remote.move(1);
  hear();
  remote.move(1);
  expect(steps(sent)).toEqual([3, 4, 5]);
});

test('every room of the show turns to the same page', () => {
  const { remote, http } = stage({ others: ['hoodie', 'poster'] });
  remote.move(1);
  const mode = expectationOf(4).mode;
  expect(http).toEqual([
    { skuId: 'hoodie', step: 4, mode },
    { skuId: 'poster', step: 4, mode },
  ]);
});

test('the other rooms are asked only once this one was reached: a dead link turns no page later', () => {
  const { remote, http, link } = stage({ others: ['hoodie'] });
  link.carries = false;
  expect(remote.move(1)).toBe(true);
  expect(http).toEqual([]);
});

test('without a connection nothing is changed, anywhere, and the presenter is told', () => {
  const { remote, sent, http } = stage({ connected: false, others: ['hoodie'] });
  expect(remote.move(1)).toBe(false);
  expect([sent, http]).toEqual([[], []]);
});

test('a press that was lost with its connection is not counted after the next welcome', () => {
  const { remote, sent } = stage();
  remote.move(1);
  remote.forget();
  remote.move(1);
  expect(steps(sent)).toEqual([4, 4]);
});

test('one press holds every room of the show, the next one gives the GO, and one in the countdown calls it off', () => {
  const { remote, sent, http, now, link } = stage({ others: ['cap'] });
  remote.turnHold();
  now.hold = { sinceMs: 1, goAtMs: null };
  remote.turnHold();
  now.hold = { sinceMs: 1, goAtMs: 3_001 };
  remote.turnHold();
  expect(sent).toEqual([{ hold: true }, { go: true }, { hold: true }]);
  expect(http).toEqual(sent.map((change) => ({ skuId: 'cap', ...change })));
  link.connected = false;
  expect(remote.turnHold()).toBe(false);
});
