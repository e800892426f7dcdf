/**
 * The verdict on each row of the validation matrix, from what one show measured: a promise holds only where the show put it to
 * the test. A row that was not tried is not shown yet, however likely it is.
 */
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import type { AuditReport } from '#lib/domain/auditor.ts';
import type { EvidenceKey } from '#lib/guide/evidence.ts';
import { answered, CAREFUL, CARELESS, runsOf, slowestOn } from './figures.ts';
import type { GuideShow } from './figures.ts';

/** In the order in which the first that applies wins: contradicted by the show, shown in every part, in some, in none. */
export type Verdict = 'broken' | 'holds' | 'part' | 'open';

/** The guide's promise for answers on the safe lane, milliseconds; held against the slowest twentieth that phones felt. */
const ANSWERED_WITHIN_MS = 100;
/** Fewest answers by which it is judged: with fewer the slowest twentieth would be the slowest one. */
const LEAST_ANSWERS = 20;

/** The fields that a session's record may have: an id, a keyed hash of the address, role, show, how it came in, and two times. */
const MAY_BE_KEPT: ReadonlySet<string> = new Set([
  'sessionId',
  'ipHash',
  'createdAt',
  'renewedAt',
  'role',
  'show',
  'proof',
]);

/** How one part of a promise stands. */
type Standing = 'shown' | 'open' | 'broken';

/** What is judged. */
interface Judged extends GuideShow {
  /** The newest audit of the room on screen; null where there is none. */
  audit: AuditReport | null;
}

type Proof = (judged: Judged) => Standing;

/** Sold out, asked for more, and nothing more was sold: in every run that came so far. */
const stopsAtTheLine: Proof = ({ summary }) => {
  const runs = runsOf(summary, CAREFUL);
  const isBroken = runs.some(({ lane }) => lane.oversellDelta > 0);
  const wasTried = ({ lane, room }: (typeof runs)[number]) =>
    lane.acknowledged >= room.sku.capacity && (lane.refusedByCode.OUT_OF_STOCK ?? 0) > 0;
  return standing(isBroken, runs.some(wasTried));
};

/** Connections were cut, and whoever came back had missed nothing. */
const comesBack: Proof = ({ summary: { rooms } }) =>
  standing(
    rooms.some(({ recovery }) => recovery.missing > 0),
    rooms.some(({ recovery }) => recovery.reports > 0),
  );

/** Orders were answered, and none brought the account beyond its limit. */
const staysInLimit: Proof = (judged) =>
  standing(
    judged.summary.rooms.some(({ money }) => money.realUsd > money.limitUsd),
    answersOn(judged, CAREFUL) + answersOn(judged, CARELESS) > 0,
  );

/** The audit of the room on screen finds no op twice. */
const decidesOnce: Proof = (judged) => {
  const check = judged.audit?.checks.find(({ name }) => name === AUDIT_LINES.once[0]);
  if (!check || check.open) return 'open';
  return standing(!check.ok, answersOn(judged, CAREFUL) + answersOn(judged, CARELESS) > 0);
};

/** The same page had answers by either lane. */
const worksOnBoth: Proof = (judged) =>
  standing(false, answersOn(judged, CAREFUL) > 0 && answersOn(judged, CARELESS) > 0);

/** Phones felt it, often enough to speak of a slowest twentieth. */
const answersInTime: Proof = ({ summary }) => {
  const felt = slowestOn(summary, CAREFUL);
  if (!felt || felt.n < LEAST_ANSWERS || felt.p95 === null) return 'open';
  return standing(felt.p95 > ANSWERED_WITHIN_MS, true);
};

/** The lane without care sold what does not exist. */
const oversells: Proof = ({ summary }) =>
  standing(
    false,
    runsOf(summary, CARELESS).some(({ lane }) => lane.oversellDelta > 0),
  );

/** The record of this browser's session has no other field. */
const keepsLittle: Proof = ({ kept }) =>
  standing(kept?.some((field) => !MAY_BE_KEPT.has(field)) ?? false, kept !== null);

/** Somebody asked too fast, and was refused for it. */
const rationsTaps: Proof = ({ summary }) =>
  standing(
    false,
    [...runsOf(summary, CAREFUL), ...runsOf(summary, CARELESS)].some(
      ({ lane }) => (lane.refusedByCode.RATE_LIMITED ?? 0) > 0,
    ),
  );

/** What each row of the matrix promises, part by part, with the evidence that shows it. */
const PROOFS: Readonly<Record<string, readonly { shows: EvidenceKey; proof: Proof }[]>> = {
  CEO: [
    { shows: 'safeStock', proof: stopsAtTheLine },
    { shows: 'recovery', proof: comesBack },
  ],
  CFO: [{ shows: 'realSpend', proof: staysInLimit }],
  COO: [
    { shows: 'load', proof: decidesOnce },
    { shows: 'safeStock', proof: stopsAtTheLine },
  ],
  CIO: [{ shows: 'sideBySide', proof: worksOnBoth }],
  CMO: [{ shows: 'safeLatency', proof: answersInTime }],
  CRO: [
    { shows: 'eventualOversell', proof: oversells },
    { shows: 'safeStock', proof: stopsAtTheLine },
  ],
  CCO: [{ shows: 'kept', proof: keepsLittle }],
  CSO: [{ shows: 'refusals', proof: rationsTaps }],
};

/** The verdict on a persona's promise, and the first evidence that is still missing for it. Throws for who is in no matrix. */
export function verdictOn(
  persona: string,
  judged: Judged,
): { verdict: Verdict; missing: EvidenceKey | null } {
  const proofs = PROOFS[persona];
  if (!proofs) throw new Error(`Broken invariant: no proof for the ${persona}`);
  const stand = proofs.map(({ shows, proof }) => ({ shows, standing: proof(judged) }));
  const missing = stand.find(({ standing }) => standing === 'open')?.shows ?? null;
  if (stand.some(({ standing }) => standing === 'broken')) return { verdict: 'broken', missing };
  if (missing === null) return { verdict: 'holds', missing };
  return { verdict: stand.some(({ standing }) => standing === 'shown') ? 'part' : 'open', missing };
}

function standing(isBroken: boolean, wasTried: boolean): Standing {
  if (isBroken) return 'broken';
  return wasTried ? 'shown' : 'open';
}

function answersOn({ summary }: GuideShow, lane: typeof CAREFUL): number {
  return runsOf(summary, lane).reduce((sum, { lane: run }) => sum + answered(run), 0);
}
