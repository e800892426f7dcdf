/** The first line of an exported log (docs/log-format.md). */
import { idsIn } from '#lib/domain/by-lane.ts';
import { pricesUsd } from '#lib/domain/ledger.ts';
import { PRICES_READ_ON } from '#lib/domain/prices.ts';
import { logVersionOf } from '#lib/protocol/version.ts';
import type { RoomMemory } from './memory.ts';

/** `formatVersion` of the exported file. */
const FORMAT_VERSION = 1;

/**
 * The header of a room's log.
 * @param nowMs when it is exported, Unix milliseconds
 * @param more what a host adds, such as that nothing in it happened to anybody
 */
export function logHeader({ facts, opening }: RoomMemory, nowMs: number, more: object = {}): object {
  const { show, sku, config } = opening;
  return {
    format: 'revenue-guard-log',
    formatVersion: FORMAT_VERSION,
    protocolVersion: logVersionOf(idsIn(facts.lanes), facts.hold !== null),
    ...more,
    show,
    sku,
    config,
    // The prices of the opening event, with which the room counts, and not those of this build.
    prices: facts.opened?.prices ?? pricesUsd(),
    pricesReadOn: facts.opened?.pricesReadOn ?? PRICES_READ_ON,
    exportedAtMs: nowMs,
  };
}
