/**
 * The verifier: takes a log as bytes, trusts nothing in it, and checks whether a room that keeps its promises can have written
 * it. Every line is checked once, in order: its form, its place in the chain, the reducer and the audit. Memory grows with
 * the allocations, not with the bytes.
 */
import { hasForm } from '#lib/domain/audit-form.ts';
import { Recount } from '#lib/domain/audit-recount.ts';
import type { RoomEvent } from '#lib/domain/events.ts';
import type { Sha256Hex } from '#lib/domain/log.ts';
import { Agreement } from './agreement.ts';
import { Checks } from './checks.ts';
import type { CheckKey } from './checks.ts';
import { eventText } from './event-line.ts';
import { headerContradiction, headerFlaw, parsedJson, readHeader } from './header.ts';
import type { LogHeader } from './header.ts';
import { LineReader, MAX_LINE_BYTES } from './lines.ts';
import type { Line } from './lines.ts';
import { Link } from './link.ts';
import type { Receipts } from './receipts-file.ts';
import type { ReceiptsFound } from './receipts.ts';
import { ReceiptsAuditor } from './receipts.ts';
import { Replay } from './replay.ts';
import type { Refusal, Verification } from './verification.ts';

/** Most events of a log: with more, a browser would run out of memory first. */
export const MAX_EVENTS = 1_000_000;
/** Most lines that are no events before reading stops: such a file is no log at all. */
export const MOST_BAD_LINES = 1_000;
/** Checks that need receipts. */
const OF_RECEIPTS: readonly CheckKey[] = ['receipts', 'heads', 'reach'];

/** Most characters of a wrong head line that are shown; a right one is shorter. */
const MAX_SHOWN = 120;

/** What a verification needs. */
export interface VerifierOptions {
  sha256: Sha256Hex;
  /** Receipts, one entry for each client. */
  receipts?: readonly Receipts[];
}

/** Verifies one log: push every chunk, then finish once. */
export class Verifier {
  /** Bytes and events taken so far. */
  bytes = 0;
  events = 0;
  readonly #reader = new LineReader();
  readonly #checks = new Checks();
  readonly #link: Link;
  /** The domain's audit; its findings go to the checks, which know the line of the file. */
  readonly #recount = new Recount(this.#checks.findings);
  readonly #agreement = new Agreement(this.#checks);
  readonly #receipts: ReceiptsAuditor | null;
  readonly #given: readonly Receipts[];
  /** False after an event that could not be replayed. */
  #replays = true;
  readonly #replay = new Replay();
  #header: LogHeader | null = null;
  #refusal: Refusal | null = null;
  #lines = 0;
  #badLines = 0;
  #headSeen = false;

  constructor({ sha256, receipts }: VerifierOptions) {
    this.#link = new Link(sha256, this.#checks);
    this.#given = receipts ?? [];
    this.#receipts = receipts ? new ReceiptsAuditor(receipts, this.#checks) : null;
  }

  /** Takes the next bytes. False when reading can stop, because the file cannot be read as a log. */
  push(chunk: Uint8Array): boolean {
    this.bytes += chunk.length;
    for (const line of this.#reader.read(chunk)) {
      this.#take(line, true);
      if (this.#refusal) return false;
    }
    return true;
  }

  /** Ends the file and returns the result. */
  finish(): Verification {
    const rest = this.#refusal ? null : this.#reader.rest();
    if (rest) this.#take(rest, false);
    if (this.#lines === 0) this.#refuse(1, 'the file is empty');
    const receipts = this.#end();
    const first = this.#checks.first();
    const without = this.#receipts ? [] : OF_RECEIPTS;
    return {
      ok: first === null && this.#refusal === null,
      refusal: this.#refusal,
      first,
      checks: this.#header ? this.#checks.list(without) : [],
      header: this.#header,
      bytes: this.bytes,
      lines: this.#lines,
      events: this.events,
      head: this.events === 0 ? null : { seq: this.#link.seq, hash: this.#link.hash },
      epochs: this.#replay.epochs,
      races: this.#replay.races,
      receipts,
    };
  }

  #take(line: Line, isWhole: boolean): void {
    this.#lines = line.number;
    this.#checks.cursor.line = line.number;
    this.#checks.cursor.seq = null;
    if (line.trouble === 'tooLong') {
      return this.#refuse(
        line.number,
        `the line is ${MAX_LINE_BYTES / 1_000_000} MB or longer; no line of a log is`,
      );
    }
    if (!isWhole) this.#checks.wrong('lines', 'a line that no line feed ends');
    if (line.number === 1) return this.#takeHeader(line.text ?? '');
    if (this.#headSeen)
      return this.#checks.wrong('head', 'a line behind the head line', 'the end of the file');
    if (line.text === null) return this.#bad('bytes that are no UTF-8 text');
    const json = parsedJson(line.text);
    if (json === undefined)
      return this.#bad(isWhole ? 'a line that is no JSON' : 'a line that was cut in half');
    if (line.text.startsWith('{"head":')) return this.#takeHead(line.text);
    this.#takeEvent(line.text, json);
  }

  #takeHeader(text: string): void {
    const header = readHeader(text);
    if (typeof header === 'string') return this.#refuse(1, header);
    this.#header = header;
    const flaw = headerFlaw(text);
    if (flaw) this.#checks.wrong('lines', flaw);
    for (const { show, skuId } of this.#given) {
      if (show === header.show && skuId === header.sku.id) continue;
      this.#checks.wrong(
        'receipts',
        `receipts of show ${show}, ${skuId}`,
        `show ${header.show}, ${header.sku.id}`,
      );
    }
  }

  #takeEvent(text: string, json: unknown): void {
    if (!isLinked(json)) return this.#bad('a line that is no event');
    this.#checks.cursor.seq = json.seq;
    if (this.events >= MAX_EVENTS) {
      return this.#refuse(this.#lines, `more than ${MAX_EVENTS} events are not read here`);
    }
    this.events += 1;
    const { canonical, exact } = eventText(text, json);
    if (!exact) this.#checks.wrong('lines', 'an event, written in another way than a room does');
    this.#link.take(json, canonical);
    if (!hasForm(json)) return this.#checks.wrong('form', 'an event of no kind that a room has');
    this.#receipts?.take(json);
    if (json.kind === 'reset') this.#compare();
    this.#recount.take(json);
    this.#apply(json);
    if (json.kind === 'opened' && json.seq === 1) this.#compareHeader(json.body);
  }

  #apply(event: RoomEvent): void {
    if (!this.#replays) return;
    try {
      this.#replay.take(event);
    } catch (error) {
      // The reducer throws on what no room can have written, which here is a finding and no bug.
      this.#replays = false;
      this.#checks.wrong('replay', error instanceof Error ? error.message : String(error));
    }
  }

  #compare(): void {
    if (this.#replays) this.#agreement.compare(this.#replay.facts, this.#recount.totals);
  }

  /** Compares header and opening event. While the chain holds, a difference is the header's, on line 1. */
  #compareHeader(opened: Parameters<typeof headerContradiction>[1]): void {
    const contradiction = this.#header && headerContradiction(this.#header, opened);
    if (contradiction === null) return;
    const { cursor } = this.#checks;
    const here = { ...cursor };
    if (!this.#checks.failed('chain')) Object.assign(cursor, { line: 1, seq: null });
    this.#checks.wrong('header', contradiction);
    Object.assign(cursor, here);
  }

  #takeHead(text: string): void {
    this.#headSeen = true;
    const { seq, hash } = this.#link;
    const expected = `{"head":"${hash}","seq":${seq}}`;
    if (text !== expected) this.#checks.wrong('head', text.slice(0, MAX_SHOWN), expected);
    this.#checks.figure('head', `event ${seq}, ${hash.slice(0, 12)}…`);
  }

  /** The end of what could be read. */
  #end(): ReceiptsFound | null {
    const { cursor } = this.#checks;
    if (!this.#headSeen && !this.#refusal) {
      Object.assign(cursor, { line: this.#lines + 1, seq: null });
      this.#checks.wrong('head', 'the end of the file: the rest was cut off', 'the head line');
    }
    this.#compare();
    this.#recount.finish();
    this.#agreement.finish();
    this.#link.finish();
    this.#replay.finish();
    const { opened } = this.#recount.totals;
    if (opened) this.#checks.figure('header', `show ${opened.show}, ${opened.sku.id}`);
    return this.#receipts?.finish(this.#link.seq) ?? null;
  }

  #bad(what: string): void {
    this.#checks.wrong('lines', what);
    this.#badLines += 1;
    if (this.#badLines >= MOST_BAD_LINES) {
      this.#refuse(this.#lines, `${MOST_BAD_LINES} lines by now are no events: this is no log of a show`);
    }
  }

  #refuse(line: number, reason: string): void {
    this.#refusal ??= { line, reason };
  }
}

/** True for JSON with a `seq` and a `hash`, which can have a place in the chain. */
function isLinked(json: unknown): json is RoomEvent {
  return (
    typeof json === 'object' &&
    json !== null &&
    'seq' in json &&
    typeof json.seq === 'number' &&
    'hash' in json &&
    typeof json.hash === 'string'
  );
}
