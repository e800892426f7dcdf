/**
 * The verifier in a worker, so that the page stays responsive while 100,000 events are hashed. It uses a JavaScript SHA-256:
 * the chain needs a synchronous hash, the platform's is asynchronous and missing on plain http.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { KeptReceipts } from '#lib/client/kept-receipts.ts';
import type { RaceBook } from '#lib/domain/race.ts';
import { readHeader } from '#lib/verify/header.ts';
import type { Receipts } from '#lib/verify/receipts-file.ts';
import { readReceipts, receiptsFile, receiptsOfRecords } from '#lib/verify/receipts-file.ts';
import type { EpochReplay } from '#lib/verify/replay.ts';
import { Verifier } from '#lib/verify/verifier.ts';
import type { Ask, Said } from './messages.ts';
import { chartsOf, RACES_AT_ONCE } from './messages.ts';

/** Time between two messages of progress, milliseconds. */
const PROGRESS_MS = 100;
/** Longest header line that is looked at for the room, bytes. */
const HEADER_BYTES = 65_536;
const encoder = new TextEncoder();

/** Number of the current verification; a later one, or a cancel, ends it. */
let current = 0;
let epochs: readonly EpochReplay[] = [];
let races: RaceBook | null = null;

self.onmessage = ({ data: ask }: MessageEvent<Ask>) => {
  switch (ask.kind) {
    case 'verify':
      current = ask.run;
      return void verify(ask);
    case 'cancel':
      current = 0;
      return;
    case 'read':
      return tell({ kind: 'read', name: ask.name, receipts: readReceipts(ask.text) });
    case 'pack':
      return tellPacked(ask.kept);
    case 'epoch':
      return tellEpoch(ask);
    case 'witnesses':
      return tellWitnesses(ask);
    case 'races':
      return tellRaces(ask);
  }
};

async function verify({ run, log, kept, added }: Extract<Ask, { kind: 'verify' }>): Promise<void> {
  epochs = [];
  races = null;
  const startMs = performance.now();
  let toldMs = startMs;
  let verifier: Verifier;
  try {
    const receipts = [...(await ofItsRoom(log, kept)), ...added];
    verifier = new Verifier({ sha256: hexOf, ...(receipts.length > 0 ? { receipts } : {}) });
    const reader = log.stream().getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (run !== current) return void reader.cancel();
      if (!verifier.push(next.value)) break;
      if (performance.now() - toldMs < PROGRESS_MS) continue;
      toldMs = performance.now();
      tell({ kind: 'progress', run, bytes: verifier.bytes, events: verifier.events });
    }
    void reader.cancel();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return tell({ kind: 'failed', run, sentence: `The file could not be read to its end: ${why}` });
  }
  if (run !== current) return;
  const { epochs: replayed, races: raced, ...rest } = verifier.finish();
  epochs = replayed;
  races = raced;
  tell({ kind: 'done', run, summary: { ...rest, epochs: replayed.length, ms: performance.now() - startMs } });
}

/** The kept receipts of the room that the log's header names; none when it names none. */
async function ofItsRoom(log: Blob, kept: readonly KeptReceipts[]): Promise<Receipts[]> {
  const [opening = ''] = (await log.slice(0, HEADER_BYTES).text()).split('\n', 1);
  const header = readHeader(opening);
  if (typeof header === 'string') return [];
  const { show, sku } = header;
  return kept.filter((each) => each.show === show && each.skuId === sku.id).map(receiptsOfRecords);
}

function tellPacked(kept: KeptReceipts): void {
  const name = `${kept.show}-${kept.skuId}-receipts.json`;
  tell({ kind: 'packed', name, text: receiptsFile(receiptsOfRecords(kept)) });
}

function tellEpoch({ run, place, mode: asked }: Extract<Ask, { kind: 'epoch' }>): void {
  const epoch = run === current ? epochs[place] : undefined;
  if (!epoch) return;
  const { totals } = epoch;
  const mode = asked ?? chartsOf(totals).at(-1);
  const series = mode && epoch.series.get(mode);
  // A log without its opening names no lane: nothing of it could be replayed.
  if (!series) return;
  const { lanes, xs, curves, cuts } = series;
  tell({ kind: 'epoch', run, place, totals, mode, series: { lanes, xs, curves, cuts } });
}

function tellWitnesses({ run, place, from, count }: Extract<Ask, { kind: 'witnesses' }>): void {
  const epoch = run === current ? epochs[place] : undefined;
  if (!epoch) return;
  const end = epoch.witnesses.length - from;
  const witnesses = epoch.witnesses.slice(Math.max(0, end - count), end).reverse();
  tell({ kind: 'witnesses', run, place, from, witnesses });
}

function tellRaces({ run, seq }: Extract<Ask, { kind: 'races' }>): void {
  const place = run === current ? (races?.placeOf(seq) ?? null) : null;
  if (!races || place === null) return;
  const around = races.around(place, RACES_AT_ONCE);
  const start = around.findIndex(({ number }) => number === place + 1);
  tell({ kind: 'races', run, seq, races: around, start });
}

function tell(said: Said): void {
  self.postMessage(said);
}

function hexOf(text: string): string {
  return bytesToHex(sha256(encoder.encode(text)));
}
