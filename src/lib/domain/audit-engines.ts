/**
 * Checks what is told of engines: each is that of its lane and not the platform's own, distances are only set where a wire can
 * be made longer, and only ops on such an engine tell what they took.
 */
import type { AuditContext, AuditPart } from './audit-totals.ts';
import { lanesIn } from './by-lane.ts';
import { ENGINE_OF, ENGINES, isOwn } from './engines.ts';
import type { EngineLabel } from './engines.ts';

/** What runs beside the room, behind a relay that can hold what passes. What is elsewhere is as far away as it is. */
const RELAYED: readonly EngineLabel[] = ['REAL ENGINE', 'EMULATOR'];

/** Follows the engines of a log. It takes an event before it is added to the totals. */
export function enginesAuditor({ totals, findings }: AuditContext): AuditPart {
  const wrong = (seq: number, what: string) => findings.follows.wrong(`event ${seq}: ${what}`);
  return {
    opened({ seq, body: { lanes, engines = {} } }) {
      for (const [lane, { name }] of lanesIn(engines)) {
        const engine = ENGINES[ENGINE_OF[lane]];
        if (!lanes.includes(lane)) findings.named.wrong(`event ${seq}: the room has no ${lane} lane`);
        else if (name !== engine) wrong(seq, `the ${lane} lane on ${name}, and it is on ${engine}`);
        else if (isOwn(lane)) wrong(seq, `the ${lane} lane on an engine that is not the platform’s own`);
      }
    },
    distance({ seq, body: { lane, ms } }) {
      const engine = totals.opened?.engines?.[lane];
      if (!engine || !RELAYED.includes(engine.label)) wrong(seq, `the ${lane} lane cannot be set away`);
      else if (ms === (totals.distances[lane] ?? 0)) wrong(seq, `the ${lane} lane was ${ms} ms away before`);
    },
    allocated({ seq, body: { lane, attempts } }) {
      if (attempts !== undefined && !totals.opened?.engines?.[lane])
        wrong(seq, `the ${lane} lane tells of attempts, and of no engine`);
    },
  };
}
