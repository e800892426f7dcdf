/** What is no log, or not one to be read here: a sentence with the number of the line, soon, and nothing worse. */
import { expect, test } from 'vitest';
import { MAX_LINE_BYTES } from '#lib/verify/lines.ts';
import { MAX_EVENTS, MOST_BAD_LINES, Verifier } from '#lib/verify/verifier.ts';
import { exportLines, fileOf, headerOf } from './support/export.ts';
import { SHOW } from './support/shows.ts';
import { firstWrong, verified } from './support/verified.ts';

const LINES = exportLines(SHOW.events);
const HEADER = headerOf(SHOW.events);
const WRITTEN = 'Every line is what a room writes';
const text = (file: string) => new TextEncoder().encode(file);
const header = (change: object) => JSON.stringify({ ...JSON.parse(HEADER), ...change });

const REFUSED: [name: string, file: Uint8Array, sentence: string][] = [
  ['nothing', text(''), 'line 1: the file is empty'],
  ['a line break', text('\n'), 'line 1: this is not a log'],
  [
    'prose',
    text('Dear all,\nplease find attached\n'),
    'line 1: this is not a log of a show: its first line is no header (“Dear all,”)',
  ],
  [
    'a picture',
    Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]),
    'line 1: this is not a log',
  ],
  [
    'a log in UTF-16',
    new Uint8Array(new Uint16Array([...`${LINES.join('\n')}\n`].map((c) => c.charCodeAt(0))).buffer),
    'line 1: this is not a log',
  ],
  ['JSON of something else', text('{"name":"x","version":1}\n'), 'line 1: this is not a log'],
  ['a JSON array', text('[1,2,3]'), 'line 1: this is not a log'],
  ['null', text('null\n'), 'line 1: this is not a log'],
  ['events without a header', fileOf(LINES.slice(1)), 'line 1: this is not a log'],
  [
    'another format version',
    fileOf([header({ formatVersion: 2 })]),
    'line 1: the file is of format version 2; version 1 is what can be read here',
  ],
  [
    'another protocol version',
    fileOf([header({ protocolVersion: 9 })]),
    'line 1: its events are of protocol version 9; versions 1 to 2 can be read here',
  ],
  [
    'a header without prices',
    fileOf([header({ prices: undefined })]),
    'line 1: the header is not complete: prices',
  ],
  [
    'a header with a price of another meter',
    fileOf([header({ prices: { 'kv.read': 1 } })]),
    'line 1: the header is not complete: prices',
  ],
  [
    'a header with a price that is no number',
    fileOf([header({ sku: { id: 'a', name: 'b', capacity: '100', unitPrice: 1 } })]),
    'line 1: the header is not complete: sku.capacity',
  ],
];

test.each(REFUSED)('%s is refused with its line', (_name, file, sentence) => {
  const result = verified(file);
  expect(result.ok).toBe(false);
  expect(`line ${result.refusal?.line}: ${result.refusal?.reason}`).toContain(sentence);
  expect(result.checks).toEqual([]);
});

test('a header alone is a log that was cut off', () => {
  expect(firstWrong(verified([HEADER]))).toBe('line 2: Epochs and resets in order');
});

test('a line of a megabyte is refused as soon as it is that long, wherever its bytes come from', () => {
  const before = text(`${LINES.slice(0, 5).join('\n')}\n`);
  for (const chunkBytes of [1_000, 65_536, 100_000, 4_000_000]) {
    const verifier = new Verifier({ sha256: () => '' });
    verifier.push(before);
    const chunk = new Uint8Array(chunkBytes).fill(97);
    let pushed = 0;
    while (verifier.push(chunk) && pushed * chunkBytes <= MAX_LINE_BYTES) pushed += 1;
    expect(pushed * chunkBytes).toBeLessThanOrEqual(MAX_LINE_BYTES);
    expect(verifier.finish().refusal).toEqual({ line: 6, reason: expect.stringContaining('1 MB or longer') });
  }
});

test('a line of just under a megabyte is looked at like any other', () => {
  const lines = [...LINES];
  lines[5] = `{"seq":5,"hash":"${'x'.repeat(MAX_LINE_BYTES - 30)}"}`;
  expect(firstWrong(verified(lines))).toBe('line 6: Hash chain intact');
});

test('a line so deep that it cannot be written anew is wrong, and nothing worse', () => {
  const lines = [...LINES];
  const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  lines[5] = lines[5]!.replace(/"body":/, `"body":${deep},"more":`);
  const result = verified(lines);
  expect(result.first?.line).toBe(6);
  expect(result.events).toBe(SHOW.events.length);
});

test('200 MB that are no log end after their first lines, and hold no memory', () => {
  const verifier = new Verifier({ sha256: () => '' });
  verifier.push(text(`${HEADER}\n`));
  const chunk = text('{"some":"other log"}\n'.repeat(5_000));
  let more = true;
  while (more && verifier.bytes < 200_000_000) more = verifier.push(chunk);
  const result = verifier.finish();
  expect(result.refusal).toEqual({
    line: MOST_BAD_LINES + 1,
    reason: `${MOST_BAD_LINES} lines by now are no events: this is no log of a show`,
  });
  expect(result.first?.line).toBe(2);
  expect(result.bytes).toBeLessThan(1_000_000);
});

test('a log of more events than are read here is refused at the first of them', () => {
  const verifier = new Verifier({ sha256: () => '' });
  verifier.push(text(`${HEADER}\n`));
  const line = '{"seq":1,"hash":""}\n';
  const chunk = text(line.repeat(50_000));
  while (verifier.push(chunk));
  expect(verifier.finish().refusal).toEqual({
    line: MAX_EVENTS + 2,
    reason: `more than ${MAX_EVENTS} events are not read here`,
  });
});

test('line breaks of Windows are not what a room writes', () => {
  expect(firstWrong(verified(text(`${LINES.join('\r\n')}\r\n`)))).toBe(`line 1: ${WRITTEN}`);
});

test('a file without its last line feed is not what a room writes', () => {
  expect(firstWrong(verified(text(LINES.join('\n'))))).toBe(`line ${LINES.length}: ${WRITTEN}`);
});
