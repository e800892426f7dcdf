/** Checks of oversold units on every lane, and of the lanes that cannot oversell. */
import { totalsOf, capacityOf, deltaOf, sumOf } from './audit-totals.ts';
import type { AuditContext, AuditPart } from './audit-totals.ts';
import type { EventBodies, EventOf } from './events.ts';
import type { LaneId } from './lane.ts';
import { LANES } from './lanes.ts';
import { WRITE_FIELDS } from './write.ts';

/** Compares `oversold` events with the growth of the delta by each allocation. */
export function oversoldAuditor({ totals, findings }: AuditContext): AuditPart {
  const untold = new Map<LaneId, EventBodies['oversold']>();
  let told = 0;
  const settle = (lane: LaneId) => {
    const due = untold.get(lane);
    if (due) findings.oversold.wrong(`delta ${due.delta} on the ${lane} lane by ${due.by} was not told`);
    untold.delete(lane);
  };
  const finish = () => {
    for (const lane of [...untold.keys()]) settle(lane);
    findings.oversold.figure = told === 1 ? 'once' : `${told} times`;
  };
  return {
    allocated({ body: { lane, op } }) {
      settle(lane);
      const delta = deltaOf(totals, lane);
      if (delta > 0) untold.set(lane, { lane, delta, by: op });
    },
    oversold({ seq, body: { lane, delta, by } }) {
      const due = untold.get(lane);
      untold.delete(lane);
      told += 1;
      if (!due) findings.oversold.wrong(`event ${seq} tells a growth that did not happen`);
      else if (due.delta !== delta || due.by !== by) {
        findings.oversold.wrong(`event ${seq} tells ${delta} by ${by}; it was ${due.delta} by ${due.by}`);
      }
    },
    reset: finish,
    finish,
  };
}

/** Checks the promises of the lanes that cannot oversell after every event. */
export function safeAuditor({ totals, findings }: AuditContext): AuditPart {
  let most = 0;
  const fate = ({ seq, kind, body }: EventOf<'lost' | 'restored'>) => {
    if (!LANES[body.lane].canOversell) findings.safeStored.wrong(`event ${seq}: an op ${kind}`);
  };
  return {
    lost: fate,
    restored: fate,
    allocated({ seq, body }) {
      const { canOversell, hasLineage } = LANES[body.lane];
      if (canOversell) return;
      const { acknowledged, stored } = totalsOf(totals, body.lane);
      if (!hasLineage && WRITE_FIELDS.some((field) => body[field] !== undefined)) {
        findings.safeStored.wrong(`event ${seq} is a blind write`);
      }
      if (hasLineage && body.parentVersion !== (body.version ?? 0) - 1) {
        findings.safeStored.wrong(`event ${seq} wrote over version ${(body.version ?? 0) - 1} unread`);
      }
      if (stored !== acknowledged) {
        findings.safeStored.wrong(`after event ${seq} ${stored} stored, ${acknowledged} acknowledged`);
      }
      if (acknowledged > capacityOf(totals)) {
        findings.safeCapacity.wrong(`${acknowledged} of ${capacityOf(totals)} after event ${seq}`);
      }
      most = Math.max(most, acknowledged);
    },
    finish() {
      const { acknowledged, stored } = sumOf(totals, ({ canOversell }) => !canOversell);
      findings.safeCapacity.figure = `at most ${most} of ${capacityOf(totals)}`;
      findings.safeStored.figure = `${stored} = ${acknowledged}`;
    },
  };
}
