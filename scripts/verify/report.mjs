/** A verification as text for a terminal. Texts from the file are made printable, each on one line. */
import { printable } from '../lib/printable.mjs';

/** @typedef {import('#lib/verify/verification.ts').Verification} Verification */
/** @typedef {import('#lib/verify/replay.ts').EpochReplay} EpochReplay */

/**
 * @param {string} name of the file
 * @param {Verification} verified
 * @param {number} ms how long it took
 * @param {boolean} listAll also the checks that hold
 * @returns {string}
 */
export function reportText(name, verified, ms, listAll) {
  const { header, refusal, checks } = verified;
  if (!header) return printable(`✗ ${name}: line ${refusal?.line}: ${refusal?.reason}.`);
  const { show, sku, simulated, seed } = header;
  const failed = checks.filter(({ ok }) => !ok);
  const listed = listAll ? checks : failed;
  const origin = seed === undefined ? '' : ` (seed ${seed})`;
  return [
    ...(simulated
      ? [`SIMULATED: a rehearsal in one browser wrote this log${origin}. Nothing in it happened to anybody.`]
      : []),
    `${name}: show ${show}, ${sku.name} (${sku.id}), ${number(sku.capacity)} units at $${sku.unitPrice}`,
    `${number(verified.events)} events, ${number(verified.bytes)} bytes, read and checked in ${number(Math.round(ms))} ms`,
    '',
    ...epochTable(verified.epochs),
    '',
    ...witnessLines(verified.epochs),
    ...receiptLines(verified),
    ...(listed.length > 0 ? ['', ...listed.map(checkLine)] : []),
    '',
    ...verdict(verified, failed.length),
  ]
    .map(printable)
    .join('\n');
}

/**
 * @param {Verification} verified
 * @param {number} failed how many checks do not hold
 */
function verdict({ header, first, refusal, checks, events, head }, failed) {
  /** @type {string[]} */
  const lines = [];
  if (refusal) lines.push(`✗ Reading stopped at line ${refusal.line}: ${refusal.reason}.`);
  if (first) {
    const event = first.seq === null ? '' : ` (event ${first.seq})`;
    lines.push(
      `✗ Line ${first.line}${event} is the first that is wrong: ${first.check}.`,
      `  expected: ${first.expected}`,
      `  found:    ${first.found}`,
      `  ${failed} of ${checks.length} checks do not hold.`,
    );
  }
  if (lines.length > 0) return lines;
  if (header?.simulated) {
    return [
      `✓ SIMULATED: all ${checks.length} checks hold over ${number(events)} events; head ${head?.hash}`,
      '  The rules were kept and the sums are right in a rehearsal. It shows nothing about a room of people.',
    ];
  }
  return [
    `✓ All ${checks.length} checks hold over ${number(events)} events; head ${head?.hash}`,
    '  The chain cannot show that the operator recorded everything: what was never written is missing from it too.',
  ];
}

/** @param {readonly EpochReplay[]} epochs */
function epochTable(epochs) {
  const rows = epochs.flatMap(({ totals }) =>
    Object.entries(totals.lanes).map(([lane, counters]) => {
      const { acknowledged, stored, lostUnits, oversellDelta, ops, refused, conflicts } = counters;
      const refusals = Object.values(refused).reduce((sum, times) => sum + times, 0);
      const figures = [acknowledged, stored, lostUnits, oversellDelta, ops, refusals, conflicts].map(number);
      return [String(totals.epoch), lane, ...figures];
    }),
  );
  const titles = [
    'epoch',
    'lane',
    'acknowledged',
    'stored',
    'lost',
    'oversold',
    'ops',
    'refused',
    'conflicts',
  ];
  const table = [titles, ...rows];
  // A log may have any number of epochs, and a call takes no such number of arguments.
  const widths = titles.map((_, column) =>
    table.reduce((widest, row) => Math.max(widest, (row[column] ?? '').length), 0),
  );
  return table.map((row) =>
    row
      .map((cell, column) =>
        column === 1 ? cell.padEnd(widths[1] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}

/** @param {readonly EpochReplay[]} epochs */
function witnessLines(epochs) {
  const losses = epochs.reduce((sum, { totals }) => sum + totals.losses, 0);
  const returns = epochs.reduce((sum, { totals }) => sum + totals.returns, 0);
  const newest = epochs.findLast(({ witnesses }) => witnesses.length > 0)?.witnesses.at(-1);
  const lost = `${number(losses)} lost update${losses === 1 ? '' : 's'}`;
  const counted = `${lost}, ${number(returns)} brought back by a later write`;
  if (!newest) return [counted];
  const { seq, lostWho, lostUnits, byWho, byReadVersion, storedBefore, storedAfter } = newest;
  return [
    counted,
    `the newest: event ${seq}, ${byWho}'s write on version ${byReadVersion} erased ${number(lostUnits)} of ${lostWho}; ` +
      `the counter went from ${number(storedBefore)} to ${number(storedAfter)}`,
  ];
}

/** @param {Verification} verified */
function receiptLines({ receipts, events }) {
  if (!receipts) return ['receipts: none given, so nothing says that this is the log that the room saw'];
  const { told, found, heads, headsFound, fixedTo } = receipts;
  return [
    `receipts: ${number(found)} of ${number(told)} found, ${number(headsFound)} of ${number(heads)} hashes equal, the newest at event ${number(fixedTo)} of ${number(events)}`,
  ];
}

/** @param {import('#lib/verify/checks.ts').Check} check */
function checkLine({ name, ok, expected, found, line }) {
  return ok ? `✓ ${name}: ${found}` : `✗ line ${line}: ${name}: expected ${expected}; found ${found}`;
}

/** @param {number} value */
function number(value) {
  return value.toLocaleString('en-US');
}
