/** What a presenter types about the products of a new show, and what a login says of it. */
import { MAX_NAME } from '#lib/domain/bounds.ts';
import { isWholeCents } from '#lib/domain/money.ts';
import { isSkuId } from '#lib/domain/show-code.ts';
import { readAmount, readWhole } from '#lib/domain/typed-number.ts';
import type { DecimalSign } from '#lib/domain/typed-number.ts';
import { charactersOf, keptName } from '#lib/domain/typed-text.ts';
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
  { ok: true; skus: Required<SkuInput>[] } | { ok: false; problems: ReadonlyMap<number, DraftProblems> };

/** More units than this are no demonstration (see `skuInput` of the contract). */
const MOST_UNITS = 100_000;
const MOST_USD = 1_000_000;

/** The product that a show sells unless somebody says otherwise. */
export function firstProduct(key: number): ProductDraft {
  return { key, name: phrase('Concert ticket'), capacity: '100', unitPrice: '150' };
}

/** A product as it would be typed in a language with that decimal sign. */
export function draftOf(
  key: number,
  sku: Omit<Required<SkuInput>, 'id'>,
  decimal: DecimalSign,
): ProductDraft {
  const { name, capacity, unitPrice } = sku;
  return { key, name, capacity: String(capacity), unitPrice: inLanguage(unitPrice, decimal) };
}

/**
 * Reads a form.
 * @param decimal the decimal sign of the reader's language
 */
export function readProducts(drafts: readonly ProductDraft[], decimal: DecimalSign): ProductForm {
  const taken = new Set<string>();
  const skus: Required<SkuInput>[] = [];
  const problems = new Map<number, DraftProblems>();
  for (const { key, ...draft } of drafts) {
    const name = keptName(draft.name);
    const capacity = readCapacity(draft.capacity);
    const unitPrice = readPrice(draft.unitPrice, decimal);
    const found: DraftProblems = {
      ...(isName(name) ? {} : { name: phrase('A name of 1 to 60 letters.') }),
      ...(typeof capacity === 'number' ? {} : { capacity }),
      ...(typeof unitPrice === 'number' ? {} : { unitPrice }),
    };
    if (Object.keys(found).length > 0) problems.set(key, found);
    if (typeof capacity !== 'number' || typeof unitPrice !== 'number') continue;
    skus.push({ id: skuIdFor(name, taken), name, capacity, unitPrice });
  }
  return problems.size > 0 ? { ok: false, problems } : { ok: true, skus };
}

/** The decimal sign of a language (a BCP 47 tag); a point where the tag is none. */
export function decimalSignOf(language: string): DecimalSign {
  try {
    return new Intl.NumberFormat(language).format(1.5).includes(',') ? ',' : '.';
  } catch {
    // Systems hand on what their settings say, and `C` is no language.
    return '.';
  }
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

function isName(name: string): boolean {
  return name !== '' && charactersOf(name) <= MAX_NAME && name.isWellFormed();
}

/** A capacity, or what is wrong with it. */
function readCapacity(typed: string): number | string {
  const units = readWhole(typed);
  if (units === null) return phrase('A whole number from 1 to 100,000.');
  if (units >= 1 && units <= MOST_UNITS) return units;
  return phrase(`That is ${units}: a whole number from 1 to 100,000.`);
}

/** A price, or what is wrong with it. */
function readPrice(typed: string, decimal: DecimalSign): number | string {
  const read = readAmount(typed, decimal);
  if (read.kind === 'none') return phrase('An amount from 0 to 1,000,000.');
  const plain = (usd: number) => inLanguage(usd, decimal);
  if (read.kind === 'either') {
    const [small, large] = read.values.map(plain);
    return phrase(`Is that ${small} or ${large}? Write it as one of the two.`);
  }
  const { value } = read;
  if (value > MOST_USD) return phrase(`That is ${plain(value)}: an amount from 0 to 1,000,000.`);
  return isWholeCents(value) ? value : phrase(`That is ${plain(value)}: a price is in whole cents.`);
}

function inLanguage(value: number, decimal: DecimalSign): string {
  return String(value).replace('.', decimal);
}
