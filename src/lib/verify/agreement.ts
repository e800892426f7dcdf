/** Two counts of the same epoch that share no code: the reducer's facts, and the totals of the audit. */
import { totalsOf } from '#lib/domain/audit-totals.ts';
import type { AuditTotals } from '#lib/domain/audit-totals.ts';
import { count } from '#lib/domain/audit-findings.ts';
import { namedWork, recountedWork } from '#lib/domain/audit-work.ts';
import type { RoomFacts } from '#lib/domain/facts.ts';
import { lanesIn } from '#lib/domain/by-lane.ts';
import { workFigures } from '#lib/domain/work.ts';
import type { Checks } from './checks.ts';

const COUNTERS = ['acknowledged', 'stored', 'ops', 'conflicts'] as const;

/** Compares the reducer's counters with the recount's at the end of every epoch. */
export class Agreement {
  #counters = 0;
  #epochs = 0;
  readonly #checks: Checks;

  constructor(checks: Checks) {
    this.#checks = checks;
  }

  /** Compares at the end of an epoch, before a reset clears both. */
  compare(facts: RoomFacts, totals: AuditTotals): void {
    this.#epochs += 1;
    for (const [lane, replayed] of lanesIn(facts.lanes)) {
      const recounted = totalsOf(totals, lane);
      for (const counter of COUNTERS) this.#same(`${lane} ${counter}`, replayed[counter], recounted[counter]);
      const lost = recounted.acknowledged - recounted.stored;
      this.#same(`${lane} lost units by lineage`, replayed.lostByLineage, lost);
      const replayedWork = namedWork(replayed.work ? workFigures(replayed.work) : {});
      for (const [name, figure] of recountedWork(recounted.work)) {
        this.#same(`${lane} ${name}`, replayedWork.get(name) ?? 0, figure);
      }
      for (const code of new Set([...Object.keys(replayed.refused), ...recounted.refused.keys()])) {
        const told = replayed.refused[code as keyof typeof replayed.refused];
        this.#same(`${lane} refused ${code}`, told ?? 0, recounted.refused.get(code) ?? 0);
      }
    }
  }

  /** Writes the figure down. */
  finish(): void {
    this.#checks.figure('agree', `${count(this.#counters, 'counter')} in ${count(this.#epochs, 'epoch')}`);
  }

  #same(what: string, replayed: number, recounted: number): void {
    this.#counters += 1;
    if (replayed !== recounted)
      this.#checks.wrong('agree', `${what}: replayed ${replayed}, recounted ${recounted}`);
  }
}
