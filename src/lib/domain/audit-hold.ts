/** Checks holds: a GO opens a held room once, at the moment that it told, and no lane that decides at once sells before that. */
import type { AuditContext, AuditPart } from './audit-totals.ts';
import { COUNTDOWN_MS, waitForGo } from './hold.ts';
import type { Hold } from './hold.ts';
import { LANES } from './lanes.ts';

/** Follows the holds of a log. */
export function holdAuditor({ findings }: AuditContext): AuditPart {
  let hold: Hold | null = null;
  const wrong = (seq: number, what: string) => findings.follows.wrong(`event ${seq}: ${what}`);
  return {
    held({ seq, atMs }) {
      if (hold?.goAtMs === null) wrong(seq, 'a room was held that is held');
      hold = { sinceMs: atMs, goAtMs: null };
    },
    go({ seq, atMs, body: { goAtMs } }) {
      if (hold?.goAtMs !== null) return wrong(seq, 'a GO in a room that is not held');
      hold = { ...hold, goAtMs };
      if (goAtMs !== atMs + COUNTDOWN_MS)
        wrong(seq, `a GO for ${goAtMs - atMs} ms later, not ${COUNTDOWN_MS}`);
    },
    allocated({ seq, atMs, body: { lane } }) {
      // Lanes that answer later may still settle what was taken before.
      if (LANES[lane].answers === 'now' && waitForGo(hold, atMs) > 0) {
        wrong(seq, `the ${lane} lane sold while the room was held`);
      }
    },
  };
}
