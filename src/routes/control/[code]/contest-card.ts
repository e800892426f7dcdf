/**
 * The card of the contest: every lane on the same taps. It names statements, not brands, because on each engine one way of selling
 * keeps its word and another does not; and it says what an emulator and a distance that was put on the wire cannot show.
 */
import { count } from '#lib/components/format.ts';
import { laneVerdict } from '#lib/components/contest/contest-rows.ts';
import { lanesIn } from '#lib/domain/by-lane.ts';
import { phrase } from '#lib/language/phrase.ts';
import { cue, waits } from './card.ts';
import type { Card, Cue, Here } from './card.ts';

/** The card of a room whose taps go to all of its lanes. */
export function contest(here: Here): Card {
  const lanes = count(lanesIn(here.view.lanes).length);
  return {
    say: [
      waits(here)
        ? phrase(`Wait for it. One tap, and ${lanes} ways to sell it.`)
        : phrase(`One tap, ${lanes} ways to sell it.`),
      phrase('Do not read the brand. Read the statement beside it.'),
    ],
    sees: phrase(
      'A row for each lane: sold against what exists, hatched beyond it, and how long an answer took.',
    ),
    teach: teachOf(here),
    cues: [...stockCue(here), ...resultCues(here), ...limitCues(here)],
  };
}

/** Why a lock crawls, where the room sees one crawl; else what the rows have in common. */
function teachOf({ view: { lanes } }: Here): string {
  const locked = lanes['postgres-for-update'];
  return (locked?.engine.distanceMs ?? 0) > 0
    ? phrase(
        'Who locks a row holds it for every trip to the database, and all others wait: distance times buyers. One conditional statement is one trip, and holds nothing on its way.',
      )
    : phrase(
        'On one and the same engine, reading first and writing later oversells, and a condition in the write does not. What decides is the gap, not the vendor.',
      );
}

function stockCue(here: Here): Cue[] {
  return waits(here)
    ? [cue('act', phrase('R first, if anything was sold: all begin with the same stock.'))]
    : [];
}

function resultCues({ view }: Here): Cue[] {
  const verdicts = lanesIn(view.lanes).map(([, lane]) => laneVerdict(lane));
  const times = (of: (typeof verdicts)[number]) => verdicts.filter((each) => each === of).length;
  const [exact, oversold, open] = [times('exact'), times('oversold'), times('unsettled')];
  if (exact + oversold + open === 0) {
    return [cue('pause', phrase('At GO, say nothing. Let them watch which rows stop at the line.'))];
  }
  return [
    ...(open > 0 ? [cue('pause', phrase(`${count(open)} still at work. Wait for the slowest.`))] : []),
    cue('point', phrase(`${count(exact)} exact, ${count(oversold)} oversold. Read out a statement of each.`)),
  ];
}

/** What the room must not conclude, said by the presenter before somebody asks. */
function limitCues({ view: { lanes } }: Here): Cue[] {
  const engines = lanesIn(lanes).map(([, { engine }]) => engine);
  const furthest = Math.max(0, ...engines.map(({ distanceMs }) => distanceMs));
  return [
    ...(furthest > 0
      ? [cue('point', phrase(`EMULATED +${furthest} ms: put on the wire here, on every trip. Say so.`))]
      : []),
    ...(engines.some(({ label }) => label === 'EMULATOR')
      ? [
          cue(
            'act',
            phrase('An emulator shows the rule. Its times and conflicts say nothing of the service.'),
          ),
        ]
      : []),
    cue('worry', phrase('Engineers: “Ours can do that, too.” It can, with the right statement.')),
  ];
}
