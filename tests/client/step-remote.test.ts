import { describe, expect, test } from 'vitest';
import type { PresenterApi } from '#lib/client/presenter-api.ts';
import { StepRemote } from '#lib/client/step-remote.ts';
import { COUNTDOWN_MS } from '#lib/domain/hold.ts';
import type { Hold } from '#lib/domain/hold.ts';
import type { Mode, Tapped } from '#lib/domain/lane.ts';
import type { StepTurn } from '#lib/domain/script.ts';
import { expectationOf, STEPS } from '#lib/domain/script.ts';

type Change = StepTurn | { hold: true } | { go: true };

interface Start {
  lanes?: Tapped['lanes'];
  connected?: boolean;
  others?: string[];
  step?: number;
  mode?: Mode;
  hold?: Hold | null;
}

/** What waits for its GO. */
const HELD: Hold = { sinceMs: 1, goAtMs: null };

/** Until the calls that were made have been made. */
const calls = () => new Promise((made) => setTimeout(made));

/** A room that does what it is asked only when told to, and an API that notes what it was asked. */
function stage({
  connected = true,
  others = [],
  step = 3,
  mode = 'eventual',
  hold = null,
  lanes = { safe: null, eventual: null },
}: Start = {}) {
  const sent: Change[] = [];
  const http: unknown[] = [];
  const now: { step: number; mode: Mode; hold: Hold | null } & Tapped = {
    step,
    mode,
    hold,
    lanes,
  };
  let done = 0;
  /** `carries`: the connection is not only believed to be there. */
  const link = { connected, carries: true };
  const time = { nowMs: 10_000 };
  const api = { control: (change: unknown) => Promise.resolve(http.push(change)) } as unknown as PresenterApi;
  const control = (change: Change, went: () => void) => {
    if (link.connected) sent.push(change);
    if (link.connected && link.carries) went();
    return link.connected;
  };
  const remote = new StepRemote({ control, now: () => now, clock: () => time.nowMs }, api, others);
  const turnTo = (change: Change) => {
    if ('go' in change) {
      if (now.hold?.goAtMs === null) now.hold = { sinceMs: 1, goAtMs: time.nowMs + COUNTDOWN_MS };
      return;
    }
    if ('hold' in change && now.hold?.goAtMs !== null) now.hold = HELD;
    if (!('step' in change)) return;
    const mode = change.mode ?? now.mode;
    if (mode !== now.mode) {
      now.mode = mode;
      remote.toldMode(mode);
    }
    if (change.step === now.step) return;
    now.step = change.step;
    remote.told(change.step);
  };
  /** The room hears the next of what was sent. */
  const hear = () => turnTo(sent[done++]!);
  /** A press, and the room has heard it. */
  const next = () => {
    const pressed = remote.next();
    if (pressed === true) hear();
    return pressed;
  };
  return { remote, sent, http, hear, next, turnTo, now, link, time };
}

const steps = (sent: readonly Change[]) => sent.map((change) => 'step' in change && change.step);

test('two quick presses are two steps, whenever the room tells them', () => {
  const { remote, sent, hear } = stage();
  remote.next();
  remote.next();
  hear();
  remote.next();
  hear();
  hear();
  remote.previous();
  expect(steps(sent)).toEqual([4, 5, 6, 5]);
});

test('somebody else’s turn of the page counts: the next press goes on from there', () => {
  const { remote, sent, turnTo, hear } = stage();
  remote.next();
  hear();
  turnTo({ step: 3 });
  remote.next();
  turnTo({ step: 1 });
  remote.next();
  expect(steps(sent)).toEqual([4, 4, 2]);
});

test('one press turns the page and sets the stage, in one message', () => {
  const { sent, next, time } = stage({ step: 1, mode: 'safe' });
  for (let press = 0; press < 5; press += 1) {
    next();
    time.nowMs += COUNTDOWN_MS;
  }
  expect(sent).toEqual([
    { step: 2, mode: 'safe', hold: true },
    { go: true },
    { step: 3, mode: 'eventual', hold: true },
    { go: true },
    { step: 4, mode: 'eventual' },
  ]);
});

test('going back sets the lane of that step, also before the room told the way there', () => {
  const { remote, sent, hear, now } = stage({ step: 2, mode: 'safe' });
  remote.next();
  remote.previous();
  hear();
  hear();
  expect(sent.at(-1)).toEqual({ step: 2, mode: 'safe' });
  expect(now).toMatchObject({ step: 2, mode: 'safe' });
});

test('no press says anything but step, lane and start: stock and guardrail are never touched', async () => {
  const { remote, sent, hear, next, http, time } = stage({ step: 1, mode: 'safe', others: ['hoodie'] });
  for (let press = 0; press < 8; press += 1) {
    next();
    time.nowMs += COUNTDOWN_MS;
  }
  for (let press = 0; press < STEPS; press += 1) {
    remote.previous();
    hear();
  }
  await calls();
  const said = ['step', 'mode', 'hold', 'go'];
  expect(new Set(sent.flatMap((turn) => Object.keys(turn)))).toEqual(new Set(said));
  expect(new Set(http.flatMap((turn) => Object.keys(turn as object)))).toEqual(new Set(['skuId', ...said]));
});

test('a split screen that was chosen by hand is kept', () => {
  const { sent, next, time } = stage({ step: 1, mode: 'both' });
  next();
  next();
  time.nowMs += COUNTDOWN_MS;
  next();
  expect(sent).toEqual([{ step: 2, hold: true }, { go: true }, { step: 3, hold: true }]);
});

test('the script has a first and a last page', () => {
  const { remote, sent, turnTo } = stage({ step: STEPS });
  remote.next();
  turnTo({ step: 1 });
  remote.previous();
  expect(steps(sent)).toEqual([STEPS, 1]);
});

test('the same step again sets the stage, and is no step of its own', () => {
  const { remote, sent, hear } = stage({ step: 3, mode: 'safe' });
  remote.go(3);
  expect(sent).toEqual([{ step: 3, mode: 'eventual' }]);
  hear();
  remote.next();
  hear();
  remote.next();
  expect(steps(sent)).toEqual([3, 4, 5]);
});

test('every room of the show turns to the same page', async () => {
  const { remote, http } = stage({ others: ['hoodie', 'poster'] });
  remote.next();
  const mode = expectationOf(4).mode;
  await calls();
  expect(http).toEqual([
    { skuId: 'hoodie', step: 4, mode },
    { skuId: 'poster', step: 4, mode },
  ]);
});

test('the other rooms are asked only once this one was reached: a dead link turns no page later', async () => {
  const { remote, http, link } = stage({ others: ['hoodie'] });
  link.carries = false;
  expect(remote.next()).toBe(true);
  await calls();
  expect(http).toEqual([]);
});

test('without a connection nothing is changed, anywhere, and the presenter is told', async () => {
  const { remote, sent, http } = stage({ connected: false, others: ['hoodie'] });
  expect(remote.next()).toBe(false);
  expect(remote.previous()).toBe(false);
  await calls();
  expect([sent, http]).toEqual([[], []]);
});

test('a press that was lost with its connection is not counted after the next welcome', () => {
  const { remote, sent } = stage();
  remote.next();
  remote.forget();
  remote.next();
  expect(steps(sent)).toEqual([4, 4]);
});

test('one press holds every room of the show, the next one gives the GO, and one in the countdown calls it off', async () => {
  const { remote, sent, http, now, link } = stage({ others: ['cap'] });
  remote.turnHold();
  now.hold = HELD;
  remote.turnHold();
  now.hold = { sinceMs: 1, goAtMs: 3_001 };
  remote.turnHold();
  expect(sent).toEqual([{ hold: true }, { go: true }, { hold: true }]);
  await calls();
  expect(http).toEqual(sent.map((change) => ({ skuId: 'cap', ...change })));
  link.connected = false;
  expect(remote.turnHold()).toBe(false);
});

test('one key carries the show: it turns to a start, gives its GO, does nothing in the countdown, and turns on', () => {
  const { sent, next, now, time } = stage({ step: 1, mode: 'safe', hold: HELD });
  expect(next()).toBe(true);
  expect(next()).toBe(true);
  const goAtMs = now.hold?.goAtMs;
  for (const laterMs of [0, 1, COUNTDOWN_MS - 1]) {
    time.nowMs = (goAtMs ?? 0) - COUNTDOWN_MS + laterMs;
    expect(next()).toBe('counting');
  }
  // No frame tells that the countdown is over: the clock does.
  time.nowMs = goAtMs ?? 0;
  expect(next()).toBe(true);
  expect(sent).toEqual([
    { step: 2, mode: 'safe', hold: true },
    { go: true },
    { step: 3, mode: 'eventual', hold: true },
  ]);
});

test('two quick presses turn to a start and give its GO, whenever the room tells of them', () => {
  const { remote, sent, hear, now } = stage({ step: 1, mode: 'safe', hold: HELD });
  remote.next();
  remote.next();
  expect(sent).toEqual([{ step: 2, mode: 'safe', hold: true }, { go: true }]);
  hear();
  hear();
  expect(now.hold?.goAtMs).toBeGreaterThan(0);
  expect(remote.next()).toBe('counting');
});

test('a step that begins on no GO is turned although the room is held, and goes on being held', () => {
  const { sent, next, now } = stage({ step: 4, mode: 'eventual', hold: HELD });
  next();
  expect(sent).toEqual([{ step: 5 }]);
  expect(now.hold).toEqual(HELD);
});

test('going back holds nothing and lets nothing go; a start that was come back to waits only if it waited', () => {
  const running = stage({ step: 4, mode: 'eventual' });
  running.remote.previous();
  running.hear();
  expect(running.sent).toEqual([{ step: 3, mode: 'eventual' }]);
  running.next();
  expect(running.sent.at(-1)).toEqual({ step: 4, mode: 'eventual' });
  const held = stage({ step: 3, mode: 'eventual', hold: HELD });
  held.remote.previous();
  held.hear();
  held.next();
  expect(held.sent).toEqual([{ step: 2, mode: 'safe' }, { go: true }]);
});

test('setting the stage of a step again does not hold it', () => {
  const { remote, sent } = stage({ step: 3, mode: 'safe' });
  remote.go(3);
  expect(sent).toEqual([{ step: 3, mode: 'eventual' }]);
});

describe('in a show with a contest', () => {
  const LANES = { safe: null, eventual: null, 'postgres-conditional': null };

  test('one key carries it: the contest comes behind the race, waits for its GO, and the pages go on', () => {
    const { sent, next, time } = stage({ step: 3, mode: 'eventual', lanes: LANES });
    for (let press = 0; press < 3; press += 1) {
      expect(next()).toBe(true);
      time.nowMs += COUNTDOWN_MS;
    }
    expect(sent).toEqual([{ step: 3, mode: 'contest', hold: true }, { go: true }, { step: 4 }]);
  });

  test('two quick presses turn to it and give its GO, whenever the room tells of them', () => {
    const { remote, sent, hear, now } = stage({ step: 3, mode: 'eventual', lanes: LANES });
    remote.next();
    remote.next();
    expect(sent).toEqual([{ step: 3, mode: 'contest', hold: true }, { go: true }]);
    hear();
    hear();
    expect(now.mode).toBe('contest');
    expect(remote.next()).toBe('counting');
  });

  test('back from it is the race on its lane, and back to it waits for nothing', () => {
    const { remote, sent, hear, now } = stage({ step: 4, mode: 'contest', lanes: LANES });
    remote.previous();
    hear();
    remote.previous();
    hear();
    remote.previous();
    hear();
    expect(sent).toEqual([
      { step: 3, mode: 'contest' },
      { step: 3, mode: 'eventual' },
      { step: 2, mode: 'safe' },
    ]);
    expect(now).toMatchObject({ step: 2, mode: 'safe' });
  });

  test('a mode that somebody else sets meanwhile counts: the next press goes on from there', () => {
    const { remote, sent, hear, turnTo } = stage({ step: 3, mode: 'eventual', lanes: LANES });
    remote.next();
    turnTo({ step: 3, mode: 'safe' });
    hear();
    turnTo({ step: 3, mode: 'safe' });
    // The room is held by now, and the race begins on a GO, too.
    remote.next();
    expect(sent.at(-1)).toEqual({ go: true });
  });
});

test('to another room of the show no change overtakes the one before it', async () => {
  const asked: unknown[] = [];
  const answers: (() => void)[] = [];
  const api = {
    control: (change: unknown) => {
      asked.push(change);
      return new Promise<void>((answered) => answers.push(answered));
    },
  } as unknown as PresenterApi;
  const now = { step: 1, mode: 'safe' as const, hold: HELD, lanes: { safe: null, eventual: null } };
  const control = (_: unknown, sent: () => void) => {
    sent();
    return true;
  };
  const remote = new StepRemote({ control, now: () => now, clock: () => 0 }, api, ['hoodie']);
  remote.next();
  remote.next();
  await calls();
  expect(asked).toEqual([{ skuId: 'hoodie', step: 2, mode: 'safe', hold: true }]);
  answers[0]?.();
  await calls();
  expect(asked.at(-1)).toEqual({ skuId: 'hoodie', go: true });
});
