/**
 * From milliseconds to revenue, by one stated formula with the presenter's own numbers: sales an hour × what is lost with every
 * 100 ms × how much slower their shop answers today than this room did. They are kept on this device and sent nowhere.
 */
import * as v from 'valibot';
import { readAmount, readWhole } from '#lib/domain/typed-number.ts';
import { Changes } from './changes.ts';
import type { Store } from './surroundings.ts';
import { localStore, recall } from './surroundings.ts';

const KEY = 'rgl.revenue';
/** As it was typed. */
const TYPED = v.object({ sales: v.string(), lost: v.string(), today: v.string() });
/** What a presenter typed. */
export type TypedRevenue = v.InferOutput<typeof TYPED>;

const NOTHING: TypedRevenue = { sales: '', lost: '', today: '' };
/** More is no shop: it would not fit the screen. */
const MOST_SALES = 1e12;

/** A presenter's own numbers: USD an hour, percent lost with every 100 ms, and today's answer time in milliseconds. */
export interface RevenueNumbers {
  salesUsd: number;
  lostPercent: number;
  todayMs: number;
}

/** The numbers of what was typed; null while one is missing or is none. */
export function numbersOf({ sales, lost, today }: TypedRevenue): RevenueNumbers | null {
  const salesUsd = amountOf(sales, 'grouped');
  const lostPercent = amountOf(lost, 'decimal');
  const todayMs = readWhole(today);
  if (salesUsd === null || lostPercent === null || todayMs === null) return null;
  if (salesUsd > MOST_SALES || lostPercent > 100 || todayMs > 60_000) return null;
  return { salesUsd, lostPercent, todayMs };
}

/** USD an hour by the formula; 0 where the room was not faster, and never more than all sales. */
export function hourlyUsd({ salesUsd, lostPercent, todayMs }: RevenueNumbers, measuredMs: number): number {
  const share = (lostPercent / 100) * (Math.max(0, todayMs - measuredMs) / 100);
  return salesUsd * Math.min(1, share);
}

/** The presenter's numbers on this device, shared by its windows. Close it when its page goes. */
export class Revenue {
  #typed: TypedRevenue;
  readonly #store: Store;
  readonly #changes = new Changes();
  readonly #onStorage = (event: Event) => {
    if ('key' in event && event.key !== KEY) return;
    this.#typed = this.#kept();
    this.#changes.tell();
  };

  constructor(store: Store = localStore) {
    this.#store = store;
    this.#typed = this.#kept();
    globalThis.addEventListener?.('storage', this.#onStorage);
  }

  /** What was typed. */
  get typed(): TypedRevenue {
    this.#changes.read();
    return this.#typed;
  }
  /** Its numbers; null while they are not whole. */
  get numbers(): RevenueNumbers | null {
    return numbersOf(this.typed);
  }

  /** Somebody typed. */
  type(change: Partial<TypedRevenue>): void {
    this.#typed = { ...this.#typed, ...change };
    this.#store.setItem(KEY, JSON.stringify(this.#typed));
    this.#changes.tell();
  }

  /** Stops listening to other windows. */
  close(): void {
    globalThis.removeEventListener?.('storage', this.#onStorage);
  }

  #kept(): TypedRevenue {
    return recall(this.#store, KEY, TYPED) ?? NOTHING;
  }
}

/** `1,000` is a thousand of a currency, and one per cent of something. */
function amountOf(typed: string, reads: 'grouped' | 'decimal'): number | null {
  const read = readAmount(typed, '.');
  if (read.kind === 'none') return null;
  return read.kind === 'number' ? read.value : read.values[reads === 'grouped' ? 1 : 0];
}
