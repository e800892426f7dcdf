/** Frames that no honest client sends: each is answered or closes its own socket, and the room does not even blink. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { CLOSE } from '#lib/protocol/close-codes.ts';

import { join, openShow, stageOf } from './support/crowd.ts';
import type { Show } from './support/crowd.ts';
import { junk } from './support/junk.ts';
import type { Junk } from './support/junk.ts';
import { runtimeMemoryMb } from './support/memory.ts';
import { Phone } from './support/phone.ts';
import { figures, LONG, seeded } from './support/run.ts';
import { until } from './support/until.ts';
import { judge, readState } from './support/verdict.ts';

const SKU = 'fuzzed';
const FRAMES = LONG ? 100_000 : 5_000;
const ATTACKERS = 16;
/** Sockets of one session: as a session may open a hundred at once, none of these is refused for how often it came. */
const SOCKETS_PER_SESSION = 50;
const ANSWERED_WITHIN_MS = 5_000;
/** What a socket may be closed with for what it said. */
const CLOSES = new Set<number>([CLOSE.malformed, CLOSE.tooBig, CLOSE.flood]);
/**
 * What the runtime may take in the second half, once it is warm. The local one keeps some 50 kB of each connection that
 * ended, a bare object's too, until it has reason to clean up; the frames of the long form weigh more than that.
 */
const WARM_GROWTH_MB = 150;
const GROWTH_PER_SOCKET_MB = 0.06;

let show: Show;
let stage: Phone;
let honest: Phone;

beforeAll(async () => {
  show = await openShow(inject('host'), [SKU]);
  stage = stageOf(show, SKU);
  [honest] = (await join(show, SKU, 1)) as [Phone];
  for (const phone of [stage, honest]) {
    await phone.connect();
    // The long form lasts longer than somebody who gives no sign of life is kept.
    phone.reportSeen();
  }
});

afterAll(() => {
  for (const phone of [stage, honest]) phone.close();
});

it(`answers or closes for each of ${FRAMES} frames, and goes on as the same room`, async () => {
  const random = seeded('fuzz');
  const { instance, wakes } = stage.welcome!;
  const { group } = inject('host');
  let [sockets, sessions] = [0, 0];
  let halfway = { memoryMb: 0, sockets: 0 };
  const tally = new Tally();
  let left = FRAMES;
  /** A session's junk, until it was closed for how much it said: what it says then is not looked at any more. */
  const attack = async ({ options }: Phone) => {
    let flooded = false;
    for (let life = 0; left > 0 && life < SOCKETS_PER_SESSION && !flooded; life += 1) {
      // A socket of its own for each life: what came before must not excuse what comes now.
      const phone = new Phone(options);
      await phone.connect();
      sockets += 1;
      while (left > 0 && phone.closed === null) {
        left -= 1;
        if (left === FRAMES / 2) halfway = { memoryMb: runtimeMemoryMb(group), sockets };
        await provoke(phone, junk(random), tally);
      }
      flooded = phone.closed?.code === CLOSE.flood;
      phone.close();
    }
    // Its seat is the next one's.
    await show.site.call('/auth/logout', { token: options.token, body: {} });
  };
  await Promise.all(
    Array.from({ length: ATTACKERS }, async () => {
      while (left > 0) {
        const [attacker] = (await join(show, SKU, 1)) as [Phone];
        sessions += 1;
        await attack(attacker);
      }
    }),
  );
  const memoryMb = runtimeMemoryMb(group);

  const receipt = await honest.buy();
  expect(receipt.lanes.safe, 'an honest client still buys').toMatchObject({ status: 'allocated', units: 1 });
  expect(
    [stage, honest].map(({ closed }) => closed),
    'and nobody else was cut',
  ).toEqual([null, null]);
  const late = stageOf(show, SKU);
  const welcome = await late.connect();
  late.close();
  expect({ instance: welcome.instance, wakes: welcome.wakes }).toEqual({ instance, wakes });
  const after = await readState(show, SKU);
  expect({ epoch: after.epoch, mode: after.mode, step: after.step }).toEqual({
    epoch: 1,
    mode: 'safe',
    step: 1,
  });
  // What all of this cost may trip it; no hand did.
  expect(after.guardrail.by).not.toBe('presenter');
  expect(after.lanes.safe?.acknowledged, 'nothing was bought but honestly').toBe(1);
  await judge(show, SKU, [stage, honest]);
  expect(tally.nacked + tally.closed).toBe(FRAMES);
  const allowedMb = Math.max(WARM_GROWTH_MB, (sockets - halfway.sockets) * GROWTH_PER_SOCKET_MB);
  expect(memoryMb - halfway.memoryMb, 'memory stays flat, MB').toBeLessThan(allowedMb);
  figures('fuzz', {
    frames: FRAMES,
    nacked: tally.nacked,
    closed: tally.closed,
    'closed with': tally.codes,
    'kinds of frames': tally.kinds.size,
    'room resets': welcome.wakes - wakes,
    sessions,
    sockets,
    'runtime MB halfway': halfway.memoryMb,
    'at the end': memoryMb,
  });
});

/** What became of the frames. */
class Tally {
  nacked = 0;
  closed = 0;
  readonly kinds = new Set<string>();
  readonly codes: Record<number, number> = {};
}

/** Sends one frame and waits for what it brings: a nack, or the end of this socket. */
async function provoke(phone: Phone, { kind, data, asText }: Junk, tally: Tally): Promise<void> {
  const nacks = phone.nacks.length;
  phone.raw(data, asText);
  const shown = JSON.stringify(data.toString().slice(0, 120));
  await until(
    () => phone.nacks.length > nacks || phone.closed !== null,
    ANSWERED_WITHIN_MS,
    () => `nothing came of ${kind}: ${shown}`,
  );
  expect(phone.broken, `${kind}: ${shown}`).toEqual([]);
  tally.kinds.add(kind);
  if (phone.nacks.length > nacks) tally.nacked += 1;
  else tally.closed += 1;
  if (phone.closed === null) return;
  const { code } = phone.closed;
  expect([...CLOSES], `${kind}: ${shown}`).toContain(code);
  tally.codes[code] = (tally.codes[code] ?? 0) + 1;
}
