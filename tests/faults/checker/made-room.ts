/** A room in a few lines that keeps every promise, and writes down what everybody said and heard. */
import { chainedHash, FIRST_PREVIOUS } from './canonical.ts';
import type { Entry, LaneCounts, Note, OrderRow, ShownState, Told } from './evidence.ts';

type Event = Pick<Told, 'kind' | 'body'>;

/** Somebody in it. */
export interface MadeClient {
  who: string;
  role: 'presenter' | 'participant';
  entries: Entry[];
  /** What it has seen; 0 before its first welcome. */
  seq: number;
  epoch: number;
  connected: boolean;
}

interface Write extends OrderRow {
  client: MadeClient;
}

/** The room, its people and their evidence. A test bends one of them and asks whether the checker sees it. */
export class MadeRoom {
  readonly events: Told[] = [];
  readonly rows: OrderRow[] = [];
  readonly clients: MadeClient[];
  readonly #capacity: number;
  #order = 0;
  #ops = 0;
  #epoch = 1;
  #reading: Omit<Write, 'version' | 'wroteAllocated'>[] = [];
  #lost = new Set<string>();
  #told = { presenter: 1, participant: 1 };
  #safe = 0;
  #acknowledged = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.clients = ['host', 'amber', 'birch', 'cedar'].map((who, index) => ({
      who,
      role: index === 0 ? 'presenter' : 'participant',
      entries: [],
      seq: 0,
      epoch: 0,
      connected: false,
    }));
    this.#append({ kind: 'opened', body: { sku: { capacity } } });
    for (const client of this.clients) this.connect(client);
  }

  connect(client: MadeClient): void {
    const asked = client.seq > 0 ? { epoch: client.epoch, since: client.seq } : null;
    this.#note(client, { kind: 'connect', asked });
    const seq = this.events.length;
    const recovered = asked?.epoch === this.#epoch && seq - asked.since <= 300;
    const events = recovered ? this.events.slice(asked.since) : [];
    this.#note(client, { kind: 'welcome', epoch: this.#epoch, seq, recovered, events, state: this.#state() });
    Object.assign(client, { seq, epoch: this.#epoch, connected: true });
  }

  buySafe(client: MadeClient, units: number): void {
    const op = this.#tap(client, units);
    const fits = this.#safe + units <= this.#capacity;
    if (fits) {
      this.#safe += units;
      this.#append({ kind: 'allocated', body: { lane: 'safe', op, who: client.who, units } });
    }
    const code = fits ? {} : { code: 'OUT_OF_STOCK' };
    this.#answer(client, op, 'safe', fits ? 'allocated' : 'refused', units, code);
  }

  readEventual(client: MadeClient, units: number): void {
    const op = this.#tap(client, units);
    const { version: parentVersion, wroteAllocated: readAllocated } = this.#newest();
    this.#reading.push({
      op,
      epoch: this.#epoch,
      who: client.who,
      units,
      parentVersion,
      readAllocated,
      client,
    });
  }

  /** One of those that have read writes. */
  writeEventual(place: number): void {
    const [reading] = this.#reading.splice(Math.min(place, this.#reading.length - 1), 1);
    if (!reading) return;
    const { client, ...read } = reading;
    const before = this.#newest();
    const { op, units, readAllocated } = read;
    const row: OrderRow = {
      ...read,
      version: before.version + 1,
      wroteAllocated: readAllocated + units,
    };
    this.rows.push(row);
    this.#acknowledged += units;
    const { epoch: _epoch, ...lineage } = row;
    this.#append({ kind: 'allocated', body: { lane: 'eventual', ...lineage } });
    const seq = this.events.length;
    this.#tellFates(row);
    this.#answer(client, op, 'eventual', 'allocated', units, { seq });
  }

  frame(role: 'presenter' | 'participant'): void {
    const seq = this.events.length;
    for (const client of this.clients.filter((each) => each.role === role && each.connected)) {
      const fresh = this.events.slice(client.seq);
      const events = role === 'presenter' ? fresh : fresh.slice(-16);
      const omitted = fresh.length - events.length;
      const head = this.events.at(-1)?.hash ?? null;
      const state = this.#state();
      this.#note(client, {
        kind: 'frame',
        epoch: this.#epoch,
        from: client.seq + 1,
        seq,
        events,
        omitted,
        head,
        state,
      });
      Object.assign(client, { seq, epoch: this.#epoch });
    }
    this.#told[role] = seq;
  }

  reset(): void {
    while (this.#reading.length > 0) this.writeEventual(0);
    this.#epoch += 1;
    this.#safe = 0;
    this.#acknowledged = 0;
    this.#lost.clear();
    this.#append({ kind: 'reset', body: {} });
  }

  finish(): void {
    while (this.#reading.length > 0) this.writeEventual(0);
    for (const role of ['presenter', 'participant'] as const) this.frame(role);
  }

  #newest(): Pick<OrderRow, 'version' | 'wroteAllocated'> {
    const last = this.rows.at(-1);
    return last?.epoch === this.#epoch ? last : { version: 0, wroteAllocated: 0 };
  }

  #tap(client: MadeClient, units: number): string {
    const op = `op-${(this.#ops += 1)}`;
    this.#note(client, { kind: 'tap', op, units, epoch: this.#epoch });
    return op;
  }

  #answer(
    client: MadeClient,
    op: string,
    lane: string,
    status: 'allocated' | 'refused',
    units: number,
    more: { seq?: number; code?: string },
  ): void {
    const seq = status === 'allocated' ? { seq: this.events.length } : {};
    const answer = { status, units, ...seq, ...more };
    // Whoever is away hears it when it asks again; here it simply hears it later than anything else.
    if (!client.connected) this.connect(client);
    this.#note(client, { kind: 'ack', op, epoch: this.#epoch, lanes: { [lane]: answer } });
  }

  /** Whose units are off the chain now, and were on it, or the other way round. */
  #tellFates(by: OrderRow): void {
    const rows = this.rows.filter(({ epoch }) => epoch === this.#epoch);
    const parents = new Map(rows.map(({ version, parentVersion }) => [version, parentVersion]));
    const kept = new Set<number>();
    for (let at = by.version; at > 0; at = parents.get(at) ?? 0) kept.add(at);
    for (const { op, version } of rows) {
      if (kept.has(version) !== this.#lost.has(op)) continue;
      this.#append({ kind: kept.has(version) ? 'restored' : 'lost', body: { op, by: by.op } });
      if (kept.has(version)) this.#lost.delete(op);
      else this.#lost.add(op);
    }
  }

  #state(): ShownState {
    const counts = (acknowledged: number, stored: number, inFlight: number): LaneCounts => ({
      acknowledged,
      stored,
      lostUnits: acknowledged - stored,
      oversellDelta: Math.max(0, acknowledged - this.#capacity),
      inFlight,
    });
    const { wroteAllocated } = this.#newest();
    return {
      seq: this.events.length,
      epoch: this.#epoch,
      lanes: {
        safe: counts(this.#safe, this.#safe, 0),
        eventual: counts(this.#acknowledged, wroteAllocated, this.#reading.length),
      },
    };
  }

  #append(event: Event): void {
    const seq = this.events.length + 1;
    const unhashed = { ...event, seq, epoch: this.#epoch, atMs: 1_000 + seq };
    const previous = this.events.at(-1)?.hash ?? FIRST_PREVIOUS;
    this.events.push({ ...unhashed, hash: chainedHash(previous, unhashed) });
  }

  #note(client: MadeClient, note: Note): void {
    client.entries.push({ order: (this.#order += 1), note });
  }
}
