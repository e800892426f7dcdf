/**
 * An audit's checks in the page's language. The audit names them in English, as on the command line, and knows no languages; a
 * test holds that both say the same.
 */
import type { AuditKey } from '#lib/domain/audit-findings.ts';
import { phrase } from '#lib/language/phrase.ts';

/** Name of a check, and what it expects. */
export type CheckWords = readonly [name: string, expected: string];

/** Of each check of an audit. */
export function auditWords(): Readonly<Record<AuditKey, CheckWords>> {
  return {
    chain: [phrase('Hash chain intact'), phrase('every hash follows from the hash before it and its event')],
    dense: [phrase('Event numbers dense'), phrase('seq 1, 2, 3 … without a gap')],
    form: [
      phrase('Every event is one that a room can write'),
      phrase('the fields of its kind, and no others'),
    ],
    epochs: [
      phrase('Epochs and resets in order'),
      phrase('opened first and once; after a reset nothing of an older epoch'),
    ],
    named: [
      phrase('The room is that of its show and product'),
      phrase('SHOW.sku, and nothing on a lane that it does not have'),
    ],
    follows: [
      phrase('Every event can follow those before it'),
      phrase('an answer its question, nothing new the end of the show'),
    ],
    once: [
      phrase('Each op allocated at most once per lane'),
      phrase('no op twice; on two lanes of one person, in one epoch'),
    ],
    safeCapacity: [
      phrase('Safe lane never above capacity'),
      phrase('acknowledged ≤ capacity after every event'),
    ],
    safeStored: [
      phrase('Safe lane: stored = acknowledged'),
      phrase('no blind write, nothing lost or restored'),
    ],
    versions: [phrase('Eventual lane: versions dense'), phrase('1, 2, 3 … in each epoch')],
    reads: [
      phrase('Eventual lane: every reading is real'),
      phrase('each read what its parent version wrote'),
    ],
    times: [phrase('Eventual lane: no write before its reading'), phrase('both times told, in their order')],
    writes: [
      phrase('Eventual lane: every write is its reading plus its units'),
      phrase('wrote = read + units'),
    ],
    room: [
      phrase('Eventual lane: nobody allowed by a reading without room'),
      phrase('read + units ≤ capacity'),
    ],
    lost: [phrase('Lost units by chain = acknowledged − stored'), phrase('equal after every write')],
    fates: [
      phrase('Lost and restored name exactly the ops that left and came back'),
      phrase('each told once, by its write'),
    ],
    oversold: [
      phrase('Oversold told at each growth, and only then'),
      phrase('delta = acknowledged − capacity'),
    ],
    refusals: [
      phrase('Every refusal can have had its reason'),
      phrase('no stock to cover it, a trip that blocks, a lock that was told'),
    ],
    trips: [
      phrase('Guardrail: one threshold trip per crossing'),
      phrase('at most one in an epoch, none below the threshold, each at a cost that it can have had'),
    ],
    crossings: [
      phrase('Guardrail: no crossing untold'),
      phrase('tripped or told with every cost at or above the threshold'),
    ],
    grows: [
      phrase('Costs never fall within an epoch'),
      phrase('platform, exposure and virtual cost as told before, or more'),
    ],
    exposure: [
      phrase('Exposure = oversold units × unit price'),
      phrase('summed over the lanes, to the pico-USD'),
    ],
    virtual: [
      phrase('Virtual cost = cost of taps × load factor + exposure'),
      phrase('equal in every cost event, and both costs the quantities × list prices'),
    ],
    real: [
      phrase('Real cost = whole cents of virtual × billing scale, held at the limit'),
      phrase('equal in every cost event'),
    ],
    limit: [phrase('Real cost never above its limit'), phrase('real ≤ limit')],
    lock: [
      phrase('Real spend zero, or inside a limit above zero; else the lock engaged'),
      phrase('no charge past the limit, locked from then on and not before'),
    ],
    state: [
      phrase('State shown is that of the end of this log'),
      phrase('seq, epoch, mode, step and guardrail as told'),
    ],
    acknowledged: [phrase('Acknowledged, as shown'), phrase('equal to the recount')],
    stored: [phrase('Stored, as shown'), phrase('equal to the recount')],
    lostUnits: [phrase('Lost units, as shown'), phrase('equal to the recount')],
    oversellDelta: [phrase('Oversell delta, as shown'), phrase('equal to the recount')],
    ops: [phrase('Allocated ops, as shown'), phrase('equal to the recount')],
    conflicts: [phrase('Conflicts, as shown'), phrase('equal to the recount')],
    refused: [phrase('Refusals by code, as shown'), phrase('equal to the recount')],
    work: [phrase('Attempts, retries and round trips, as shown'), phrase('equal to the recount')],
    d1: [
      phrase('Database rows = allocations of the eventual lane'),
      phrase('each row an allocation, each allocation a row'),
    ],
    receipts: [
      phrase('Receipts that clients hold stand in the log'),
      phrase('each op with its number and its units'),
    ],
    linearizable: [
      phrase('Safe lane linearizable'),
      phrase('answered before another was sent: the lower number'),
    ],
  };
}
