/** Frames that no honest client sends, from a seed. */
import { randomUUID } from 'node:crypto';
import { between } from './chance.ts';

/** A frame: a text, bytes of a binary frame, or bytes that claim to be a text. */
export interface Junk {
  kind: string;
  data: string | Buffer;
  asText: boolean;
}

type Random = () => number;
const LONGEST = 4_096;
const HUGE = 300_000;
/** Two orders of units that a forged prototype would smuggle in. */
const SMUGGLED = 50;

const text = (kind: string, data: string): Junk => ({ kind, data, asText: true });
const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
const whole = (random: Random, low: number, high: number) => Math.floor(between(random, low, high));
const order = (op: string) => `"t":"allocate","op":"${op}","epoch":1`;
const bytes = (random: Random, length: number) =>
  Buffer.from(Array.from({ length }, () => whole(random, 0, 256)));

const MAKERS: ((random: Random) => Junk)[] = [
  (random) => ({ kind: 'binary', data: bytes(random, whole(random, 0, 200)), asText: false }),
  (random) => ({
    kind: 'not UTF-8',
    data: Buffer.concat([bytes(random, 20), Buffer.from([0xc3, 0x28])]),
    asText: true,
  }),
  (random) =>
    text(
      'no JSON',
      pick(random, ['', ' ', '{', '}', '{"t":', 'NaN', "{'t':1}", '\u0000', 'null,', '\ud800']),
    ),
  (random) =>
    text('no object', pick(random, ['null', '[]', '0', '"allocate"', 'true', '[[["t"]]]', '1e999'])),
  (random) =>
    text('no kind', pick(random, ['{}', '{"t":1}', '{"t":null}', '{"t":["allocate"]}', '{"T":"seen"}'])),
  (random) => {
    const kind = pick(random, [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'welcome',
      'ack',
      'x',
    ]);
    return text('unknown kind', JSON.stringify({ t: kind, op: randomUUID() }));
  },
  (random) => {
    const units = pick(random, [
      '0',
      '-1',
      '51',
      '1.5',
      '1e308',
      '"1"',
      'null',
      '[1]',
      '{}',
      '9007199254740993',
    ]);
    return text('units', `{${order(randomUUID())},"units":${units}}`);
  },
  (random) => {
    const op = pick(random, [
      '',
      'x',
      '../../etc',
      "' OR 1=1 --",
      `${randomUUID()}0`,
      '\\u0000',
      '💥'.repeat(9),
    ]);
    return text('op', `{${order(op)}}`);
  },
  (random) => {
    const epoch = pick(random, ['-1', '1.5', '"1"', 'null', '1e400', '[]']);
    return text('epoch', `{"t":"allocate","op":"${randomUUID()}","epoch":${epoch}}`);
  },
  (random) => {
    const epoch = pick(random, [0, 2, 7, Number.MAX_SAFE_INTEGER]);
    return text('other epoch', JSON.stringify({ t: 'allocate', op: randomUUID(), epoch }));
  },
  (random) => {
    const key = pick(random, ['"__proto__"', '"constructor"', '"\\u005f_proto__"']);
    return text(
      'prototype',
      `{${key}:{"units":${SMUGGLED},"role":"presenter"},${order(randomUUID())},"units":"x"}`,
    );
  },
  (random) => {
    const depth = whole(random, 500, 2_000);
    return text('deep', pick(random, ['['.repeat(depth) + ']'.repeat(depth), `{"t":${'['.repeat(depth)}`]));
  },
  (random) => text('huge', `{"t":"seen","seq":"${'9'.repeat(whole(random, LONGEST, HUGE))}"}`),
  (random) => ({ kind: 'huge', data: bytes(random, LONGEST + whole(random, 1, 64)), asText: false }),
  (random) => text('wide', `{"t":"seen","seq":"${'é'.repeat(whole(random, LONGEST / 2, LONGEST))}"}`),
  (random) => {
    const message = pick(random, [
      { t: 'control', mode: 'eventual' },
      { t: 'reset', op: randomUUID() },
      { t: 'guardrail', action: 'trip' },
      { t: 'drill', kind: 'drop' },
    ]);
    return text("a presenter's", JSON.stringify(message));
  },
  (random) => {
    const whole = `{${order(randomUUID())},"units":1}`;
    return text('cut short', whole.slice(0, Math.floor(random() * (whole.length - 1))));
  },
  (random) => {
    const seq = pick(random, ['-1', '"x"', 'null', '1.5', '{"__proto__":1}', '1e999']);
    return text('seen', `{"t":"seen","seq":${seq}}`);
  },
  (random) => {
    const rttMs = pick(random, ['-1', '"fast"', '1e300', 'null']);
    return text('round trip', `{${order(randomUUID())},"rttMs":${rttMs}}`);
  },
];

/** One frame of any kind. */
export function junk(random: Random): Junk {
  return pick(random, MAKERS)(random);
}
