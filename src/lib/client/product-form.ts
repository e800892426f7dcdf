/** What a presenter types about the products of a new show, and what a login says of it. */
import { isSkuId } from '#lib/domain/show-code.ts';
import { phrase } from '#lib/language/phrase.ts';
import { MAX_SKUS } from '#lib/protocol/limits.ts';
import type { SkuInput } from './api.ts';

export { MAX_SKUS };

/** One product as typed: numbers are still text. */
export interface ProductDraft {
  /** Keeps a row's identity while it is edited; never sent. */
  key: number;
  name: string;
  capacity: string;
  unitPrice: string;
}

/** What is wrong with a draft's fields, in words. */
export type DraftProblems = Partial<Record<'name' | 'capacity' | 'unitPrice', string>>;

/** A form as a login wants it, or what has to be mended first. */
export type ProductForm =
  { ok: true; skus: SkuInput[] } | { ok: false; problems: ReadonlyMap<number, DraftProblems> };

/** More units than this are no demonstration (see `skuInput` of the contract). */
const MOST_UNITS = 100_000;
const MOST_USD = 1_000_000;

/** The product that a show sells unless somebody says otherwise. */
export function firstProduct(key: number): ProductDraft {
  return { key, name: phrase('Concert ticket'), capacity: '100', unitPrice: '150' };
}

/** Reads a form. */
export function readProducts(drafts: readonly ProductDraft[]): ProductForm {
  const problems = new Map<number, DraftProblems>();
  for (const draft of drafts) {
    const found = problemsOf(draft);
    if (Object.keys(found).length > 0) problems.set(draft.key, found);
  }
  if (problems.size > 0) return { ok: false, problems };
  const taken = new Set<string>();
  const skus = drafts.map(({ name, capacity, unitPrice }) => ({
    id: skuIdFor(name, taken),
    name: name.trim(),
    capacity: Number(capacity),
    unitPrice: Number(unitPrice),
  }));
  return { ok: true, skus };
}

/** An id made of the name, different from those taken (and then one of them). */
export function skuIdFor(name: string, taken: Set<string>): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  const stem = plain
    .replace(/^-+|-+$/g, '')
    .slice(0, 28)
    .replace(/-+$/, '');
  const base = isSkuId(stem) ? stem : 'product';
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base}-${number}`;
  taken.add(id);
  return id;
}

function problemsOf({ name, capacity, unitPrice }: ProductDraft): DraftProblems {
  const length = name.trim().length;
  const units = Number(capacity);
  const price = Number(unitPrice);
  return {
    ...(length >= 1 && length <= 60 ? {} : { name: phrase('A name of 1 to 60 letters.') }),
    ...(capacity.trim() !== '' && Number.isInteger(units) && units >= 1 && units <= MOST_UNITS
      ? {}
      : { capacity: phrase('A whole number from 1 to 100,000.') }),
    ...(unitPrice.trim() !== '' && price >= 0 && price <= MOST_USD
      ? {}
      : { unitPrice: phrase('An amount from 0 to 1,000,000.') }),
  };
}
