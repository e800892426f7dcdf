/**
 * Checks what is told of engines: each is that of its lane and not the platform's own, distances are only set where a wire can
 * be made longer, and a lane that decides at once has no work to tell.
 */
import type { AuditContext, AuditPart } from './audit-totals.ts';
import { lanesIn } from './by-lane.ts';
import { ENGINE_OF, ENGINES } from './engines.ts';
import type { EngineId, EngineLabel } from './engines.ts';
import { LANES } from './lanes.ts';

/** Engines of the platform: they stand in no opening, and cannot be further away than they are. */
const OWN: readonly EngineId[] = ['objects', 'd1'];
/** What runs beside the room, behind a relay that can hold what passes. What is elsewhere is as far away as it is. */
const RELAYED: readonly EngineLabel[] = ['REAL ENGINE', 'EMULATOR'];

/** Follows the engines of a log. It takes an event before it is added to the totals. */
export function enginesAuditor({ totals, findings }: AuditContext): AuditPart {
  const wrong = (seq: number, what: string) => findings.follows.wrong(`event ${seq}: ${what}`);
  return {
    opened({ seq, body: { lanes, engines = {} } }) {
      for (const [lane, { name }] of lanesIn(engines)) {
        const id = ENGINE_OF[lane];
        if (!lanes.includes(lane)) findings.named.wrong(`event ${seq}: the room has no ${lane} lane`);
        else if (OWN.includes(id) || name !== ENGINES[id])
          wrong(seq, `the ${lane} lane on ${name}, and it is on ${ENGINES[id]}`);
      }
    },
    distance({ seq, body: { lane, ms } }) {
      const engine = totals.opened?.engines?.[lane];
      if (!engine || !RELAYED.includes(engine.label)) wrong(seq, `the ${lane} lane cannot be set away`);
      else if (ms === (totals.distances[lane] ?? 0)) wrong(seq, `the ${lane} lane was ${ms} ms away before`);
    },
    allocated({ seq, body: { lane, attempts } }) {
      if (LANES[lane].answers === 'now' && attempts !== undefined)
        wrong(seq, `the ${lane} lane decides at once, and tells of ${attempts} attempts`);
    },
  };
}
