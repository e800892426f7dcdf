/** State of the verify page: passes logs to the worker and keeps its answers. */
import { handOver } from '#lib/client/hand-over.ts';
import type { KeptReceipts } from '#lib/client/kept-receipts.ts';
import { keptReceipts } from '#lib/client/kept-receipts.ts';
import { createReader } from '#lib/client/presenter-api.ts';
import type { Mode } from '#lib/domain/lane.ts';
import type { Race } from '#lib/domain/race.ts';
import type { Witness } from '#lib/domain/witness.ts';
import { phrase } from '#lib/language/phrase.ts';
import type { Receipts } from '#lib/verify/receipts-file.ts';
import type { EpochTotals } from '#lib/verify/replay.ts';
import type { Ask, Said, Series, Summary } from './messages.ts';
import { FIRST_WITNESSES, MORE_WITNESSES } from './messages.ts';
import { startWorker } from './start-worker.ts';

/** Phases of a verification. */
export type Phase =
  | { kind: 'idle' }
  /** The log of a show is being fetched. */
  | { kind: 'fetching'; name: string }
  | { kind: 'reading'; name: string; bytes: number; size: number; events: number }
  | { kind: 'done'; name: string; summary: Summary }
  | { kind: 'failed'; name: string; sentence: string };

/** The epoch that is shown: its counters and its chart, once they have come, and the witnesses fetched so far. */
export interface Picture {
  place: number;
  totals: EpochTotals | null;
  /** Null until the worker has said which chart the epoch has. */
  mode: Mode | null;
  series: Series | null;
  witnesses: readonly Witness[];
}

/** Races around a chosen one, and its place among them. */
export interface Motion {
  races: readonly Race[];
  start: number;
}

/** Works in browsers only. It loads its worker when it is made, so that the page works when the network is gone. */
export class VerifyController {
  #phase = $state.raw<Phase>({ kind: 'idle' });
  #picture = $state.raw<Picture | null>(null);
  #kept = $state.raw<readonly KeptReceipts[]>(keptReceipts());
  #added = $state.raw<readonly Receipts[]>([]);
  #receiptsProblem = $state('');
  #motion = $state.raw<Motion | null>(null);
  /** False after the slow motion was closed, so that a late answer does not open it again. */
  #wantsRaces = false;
  #log: { name: string; log: Blob } | null = null;
  #run = 0;
  readonly #worker = startWorker();

  constructor() {
    // Other pages load the chart on demand; here it has to be loaded before the network is gone.
    void import('#lib/components/race-chart.ts').catch(() => undefined);
    this.#worker.onmessage = ({ data }: MessageEvent<Said>) => this.#hear(data);
    this.#worker.onerror = () =>
      this.#fail(phrase('The page'), phrase('The verifier stopped working. Load the page again.'));
  }

  /** The phase of the verification. */
  get phase(): Phase {
    return this.#phase;
  }
  /** True for a rehearsal's log; everything shown of it is marked SIMULATED. */
  get isSimulated(): boolean {
    return this.#phase.kind === 'done' && this.#phase.summary.header?.simulated === true;
  }
  /** The epoch that is shown; null before one is. */
  get picture(): Picture | null {
    return this.#picture;
  }
  /** The receipts that this browser keeps, by room. */
  get kept(): readonly KeptReceipts[] {
    return this.#kept;
  }
  /** Receipts that were added from files. */
  get added(): readonly Receipts[] {
    return this.#added;
  }
  /** Why the last file of receipts could not be read; '' when it could. */
  get receiptsProblem(): string {
    return this.#receiptsProblem;
  }

  /** Verifies a log; a verification that is running is dropped. */
  verify(name: string, log: Blob): void {
    this.#log = { name, log };
    this.#run += 1;
    this.#picture = null;
    this.leaveRaces();
    this.#phase = { kind: 'reading', name, bytes: 0, size: log.size, events: 0 };
    // Read from storage again: another window may have added receipts since.
    this.#kept = keptReceipts();
    this.#ask({ kind: 'verify', run: this.#run, log, kept: this.#kept, added: this.#added });
  }

  /** Adds a file of receipts and verifies the last log again with them. */
  async addReceipts(file: File): Promise<void> {
    const text = await file.text().catch(() => '');
    this.#ask({ kind: 'read', name: file.name, text });
  }

  /** Saves kept receipts as a file. */
  saveReceipts(kept: KeptReceipts): void {
    this.#ask({ kind: 'pack', kept });
  }

  /**
   * Fetches the log of one product of a show, and verifies it: with any session of this browser in it, or for a day after its
   * end with its code alone.
   */
  async open(show: string, skuId: string): Promise<void> {
    const name = phrase(`${show}-${skuId}.ndjson, from the show`);
    this.#phase = { kind: 'fetching', name };
    const log = await createReader().log(show, skuId);
    if (log.ok) return this.verify(name, log.data);
    const isStranger = ['UNAUTHORIZED', 'EXPIRED_SESSION', 'FORBIDDEN'].includes(log.code);
    const stranger = phrase(
      `Show ${show} is still running, and this browser is not in it: join it first, or take a file of its log.`,
    );
    this.#fail(name, isStranger ? stranger : log.message);
  }

  /** Shows why there is no log to verify. */
  #fail(name: string, sentence: string): void {
    this.#phase = { kind: 'failed', name, sentence };
  }

  /** Ends the verification that is running. */
  cancel(): void {
    this.#run += 1;
    this.#phase = { kind: 'idle' };
    this.#ask({ kind: 'cancel' });
  }

  /** Shows one epoch with the chart of a mode, its last one by default. */
  look(place: number, mode: Mode | null = null): void {
    const before = this.#picture;
    const isSame = before?.place === place;
    const { totals, witnesses } = isSame ? before : { totals: null, witnesses: [] };
    this.#picture = { place, totals, mode, series: null, witnesses };
    this.#ask({ kind: 'epoch', run: this.#run, place, mode });
    if (!isSame) this.moreWitnesses(FIRST_WITNESSES);
  }

  /** Fetches more witnesses of the epoch that is shown. */
  moreWitnesses(count = MORE_WITNESSES): void {
    if (!this.#picture) return;
    const { place, witnesses } = this.#picture;
    this.#ask({ kind: 'witnesses', run: this.#run, place, from: witnesses.length, count });
  }

  /** Races for slow motion; null while it is closed. */
  get motion(): Motion | null {
    return this.#motion;
  }

  /** Opens slow motion with the race of a `lost` event and those around it. */
  lookAtRace(seq: number): void {
    this.#wantsRaces = true;
    this.#ask({ kind: 'races', run: this.#run, seq });
  }

  /** Closes slow motion. */
  leaveRaces(): void {
    this.#wantsRaces = false;
    this.#motion = null;
  }

  /** Ends the worker; call it when the page goes. */
  close(): void {
    this.#worker.terminate();
  }

  #ask(ask: Ask): void {
    this.#worker.postMessage(ask);
  }

  #hear(said: Said): void {
    if (said.kind === 'read') return this.#take(said.name, said.receipts);
    if (said.kind === 'packed')
      return handOver(said.name, new Blob([said.text], { type: 'application/json' }));
    const phase = this.#phase;
    if (said.run !== this.#run) return;
    switch (said.kind) {
      case 'progress':
        if (phase.kind === 'reading') this.#phase = { ...phase, bytes: said.bytes, events: said.events };
        return;
      case 'failed':
        return this.#fail(phase.kind === 'reading' ? phase.name : phrase('The log'), said.sentence);
      case 'done':
        if (phase.kind === 'reading') this.#phase = { kind: 'done', name: phase.name, summary: said.summary };
        return;
      case 'epoch':
        if (this.#picture?.place === said.place && (this.#picture.mode ?? said.mode) === said.mode) {
          const { totals, mode, series } = said;
          this.#picture = { ...this.#picture, totals, mode, series };
        }
        return;
      case 'races':
        if (this.#wantsRaces) this.#motion = { races: said.races, start: said.start };
        return;
      case 'witnesses':
        if (this.#picture?.place === said.place && this.#picture.witnesses.length === said.from) {
          this.#picture = { ...this.#picture, witnesses: [...this.#picture.witnesses, ...said.witnesses] };
        }
        return;
    }
  }

  #take(name: string, receipts: Receipts | string): void {
    this.#receiptsProblem = typeof receipts === 'string' ? `${name}: ${receipts}.` : '';
    if (typeof receipts === 'string') return;
    this.#added = [...this.#added, receipts];
    if (this.#log) this.verify(this.#log.name, this.#log.log);
  }
}
