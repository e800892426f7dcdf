/** A verification as text for a terminal. Texts from the file are made printable, each on one line. */
import type { Check } from '#lib/verify/checks.ts';
import type { EpochReplay } from '#lib/verify/replay.ts';
import type { Verification } from '#lib/verify/verification.ts';
import { inColumns } from '../lib/columns.mjs';
import { printable } from '../lib/printable.mjs';

/**
 * The whole report.
 * @param name of the file
 * @param ms how long it took
 * @param listAll also the checks that hold
 */
export function reportText(name: string, verified: Verification, ms: number, listAll: boolean): string {
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

/** @param failed how many checks do not hold */
function verdict({ header, first, refusal, checks, events, head }: Verification, failed: number): string[] {
  const lines: string[] = [];
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

function epochTable(epochs: readonly EpochReplay[]): string[] {
  const rows = epochs.flatMap(({ totals }) =>
    Object.entries(totals.lanes).map(([lane, counters]) => {
      const { acknowledged, stored, lostUnits, oversellDelta, ops, refused, conflicts } = counters;
      const refusals = Object.values(refused).reduce((sum, times) => sum + times, 0);
      const figures = [acknowledged, stored, lostUnits, oversellDelta, ops, refusals, conflicts].map(number);
      return [String(totals.epoch), lane, ...figures];
    }),
  );
  const titles = 'epoch lane acknowledged stored lost oversold ops refused conflicts'.split(' ');
  return inColumns([titles, ...rows], (column) => column !== 1);
}

function witnessLines(epochs: readonly EpochReplay[]): string[] {
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

function receiptLines({ receipts, events }: Verification): string[] {
  if (!receipts) return ['receipts: none given, so nothing says that this is the log that the room saw'];
  const { told, found, heads, headsFound, fixedTo } = receipts;
  return [
    `receipts: ${number(found)} of ${number(told)} found, ${number(headsFound)} of ${number(heads)} hashes equal, the newest at event ${number(fixedTo)} of ${number(events)}`,
  ];
}

function checkLine({ name, ok, expected, found, line }: Check): string {
  return ok ? `✓ ${name}: ${found}` : `✗ line ${line}: ${name}: expected ${expected}; found ${found}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
