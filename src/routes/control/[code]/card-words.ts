/**
 * A page of the script, made for the room as it stands: what to say, what the audience sees, what to teach, and the moments of
 * the step. Every sentence is true here and now: figures are the room's, and nothing is said of a check, a lane or a lock that
 * this show does not have. Short, because it is read at a glance while speaking.
 * Longer than other files: it is the whole script.
 */
import { TAPS } from '#lib/client/bot-drill.ts';
import { count, millis, price, usd } from '#lib/components/format.ts';
import { lockWords, saleWords } from '#lib/components/guardrail-words.ts';
import { ofLane } from '#lib/domain/lane.ts';
import { pageOf, standIn } from '#lib/domain/script.ts';
import { phrase } from '#lib/language/phrase.ts';
import { cue, isZero, waits } from './card.ts';
import type { Card, Here } from './card.ts';
import { contest } from './contest-card.ts';

/** The card of the room's page. */
export function cardOf(here: Here): Card {
  const page = pageOf(here.view);
  const card = page === 'contest' ? contest : (CARDS[page - 1] ?? doors);
  return card(here);
}

const CARDS: readonly ((here: Here) => Card)[] = [doors, safeLane, race, guardrailStep, reset, wrap];

function doors(here: Here): Card {
  const { ledger } = here.view;
  const isHeld = waits(here);
  return {
    say: [
      phrase('Scan it, and you are a shopper.'),
      limitSentence(here),
      ...(isHeld ? [phrase('Tap now, for practice: nothing is sold before the GO.')] : []),
    ],
    sees: isHeld
      ? phrase('The code, the phones coming in, their practice taps, and real spend behind its lock.')
      : phrase('The code, the phones coming in, and real spend behind its lock.'),
    teach: [cameInBy(here), sessionSentence(here)].filter(Boolean).join(' '),
    cues: [
      cue('act', phrase('Ask somebody to read out the made-up name on the phone.')),
      cue('point', phrase(`Real spend: ${usd(ledger.realUsd)}, before anybody taps.`)),
      ...(isZero(here)
        ? [cue('zero', phrase('No discount, no alert: the code that sells refuses the charge.'))]
        : []),
      cue('worry', phrase('Finance: “Who stops a bad night?” The lock, before the first sale.')),
    ],
  };
}

function safeLane(here: Here): Card {
  const { lanes, sku } = here.view;
  const lane = standIn('safe', lanes);
  if (lane === null) return missing(phrase('This show does not sell on the safe lane.'));
  const safe = ofLane(lanes, lane);
  const isEmpty = safe.acknowledged >= sku.capacity;
  const turnedAway = safe.refused.OUT_OF_STOCK ?? 0;
  const { n, p50 } = safe.latency;
  return {
    say: isEmpty
      ? [
          phrase(`${count(sku.capacity)} exist, ${count(safe.acknowledged)} are sold.`),
          phrase('Tap all you like: the answer stays no.'),
        ]
      : [
          waits(here) ? phrase('Wait for it. At GO, hammer it.') : phrase('Now hammer it.'),
          phrase('What is sold out is sold out: the last one goes to exactly one of you.'),
        ],
    sees: phrase(`The line climbs and stops at ${count(sku.capacity)}. Whoever comes later is told so.`),
    teach: here.rehearsed
      ? phrase(
          'One object owns this stock. It checks, counts, writes and answers in one step: two shoppers have no moment to meet in.',
        )
      : lane !== 'safe'
        ? phrase(
            'The engine checks and writes without letting anybody in between: two shoppers have no moment to meet in.',
          )
        : phrase(
            'One Durable Object owns this stock. It checks, counts, writes and answers in one step: two shoppers have no moment to meet in.',
          ),
    cues: [
      turnedAway > 0
        ? cue('pause', phrase(`${count(turnedAway)} turned away, each told so. Let that stand.`))
        : cue('pause', phrase('When the line stops, say nothing. Let them tap.')),
      cue(
        'point',
        p50 === null
          ? phrase('The answer time, as soon as phones have measured one.')
          : phrase(`The answer time: ${millis(p50)} ms median of ${count(n)}, felt on the phones.`),
      ),
      cue(
        'money',
        here.revenue || phrase('Your own numbers: “Milliseconds into money”, on the control screen.'),
      ),
      cue('worry', phrase('Operations: “Everybody in the same second?” One after another, each once.')),
    ],
  };
}

function race(here: Here): Card {
  const { lanes, sku, ledger } = here.view;
  const lane = standIn('eventual', lanes);
  if (lane === null) return missing(phrase('This show does not sell on the eventual lane.'));
  const { acknowledged, oversellDelta, lostUnits } = ofLane(lanes, lane);
  const owedUsd = oversellDelta * sku.unitPrice;
  return {
    say:
      oversellDelta > 0
        ? [
            phrase(`${count(sku.capacity)} exist. ${count(acknowledged)} are sold.`),
            phrase('You are not unlucky. You are concurrent.'),
          ]
        : [
            waits(here)
              ? phrase('Wait for it. Same stock, same thumbs.')
              : phrase('Same stock, same thumbs.'),
            phrase('This time every purchase reads the stock, waits a moment, then writes back.'),
          ],
    sees: phrase(
      'The solid line crosses what exists; the dotted counter stays behind. Hatched: sold twice. Struck: overwritten.',
    ),
    teach: here.rehearsed
      ? phrase(
          'Read, pause, write back: the second writer erases the first. A write on condition would have held.',
        )
      : phrase(
          'Read, pause, write back: the second writer erases the first. The database did what it was told; a conditional write would have held.',
        ),
    cues: [
      oversellDelta > 0
        ? cue('point', phrase(`${count(oversellDelta)} sold too many, ${count(lostUnits)} overwritten.`))
        : cue('pause', phrase('When the line crosses what exists, stop talking. Let them see it.')),
      lostUnits > 0
        ? cue('act', phrase('Two names come by themselves, or by M: read them out, and ask for them.'))
        : cue('point', phrase('Nothing lost yet. It happens when two people read the same number.')),
      ...(owedUsd > 0
        ? [
            cue(
              'money',
              phrase(`${usd(owedUsd)} owed to customers: ${count(oversellDelta)} × ${price(sku.unitPrice)}.`),
            ),
          ]
        : []),
      ...(ledger.locked ? [cue('zero', lockWords(ledger))] : []),
      cue('worry', phrase('Revenue: “Orders that we cannot deliver?” The safe lane says no in time.')),
    ],
  };
}

function guardrailStep(here: Here): Card {
  const { guardrail, ledger } = here.view;
  const { tripped, by, thresholdUsd } = guardrail;
  const threshold = price(thresholdUsd);
  return {
    say: [
      tripped
        ? phrase('At full scale, this minute would have cost that.')
        : phrase('At full scale, this minute costs that. Watch it reach its limit.'),
      ledger.realUsd === 0
        ? phrase('And this is what it cost us: look at real spend: zero.')
        : phrase(`And this is what it cost us: look at real spend: ${usd(ledger.realUsd)}.`),
    ],
    sees: tripped
      ? [phrase('The guardrail has tripped.'), saleWords(guardrail, ledger)].join(' ')
      : phrase(`The virtual cost, not yet at ${threshold}, and real spend beside it.`),
    teach: [
      phrase(
        'The virtual cost is an ESTIMATE: counted operations at list price, times the load they stand for, plus what is owed.',
      ),
      guardrail.action === 'block'
        ? phrase('The guardrail blocks here; the lock refuses what would pass its limit.')
        : phrase('The guardrail only warns; the lock refuses what would pass its limit.'),
    ].join(' '),
    cues: [
      tripped
        ? cue(
            'act',
            by === 'presenter'
              ? phrase('Tripped by hand: the screen says so. Say it before they read it.')
              : phrase(`It tripped by itself, at ${threshold}. Say so.`),
          )
        : cue('act', phrase('T, twice, trips it by hand. Say that it was by hand.')),
      cue('pause', phrase('Two breaths, while they look from one number to the other.')),
      cue('point', phrase('J: an answer of the API says the same, line by line.')),
      ...(isZero(here) ? [cue('zero', phrase('Not small: zero. The next cent would be refused.'))] : []),
      cue('worry', phrase('Finance: “What does a bad night cost?” That much, and none of it is billed.')),
    ].filter(({ kind }) => kind !== 'worry' || ledger.realUsd === 0),
  };
}

function reset(here: Here): Card {
  return {
    say: [
      phrase('One button, and all of you are back at the start together.'),
      phrase('Once more? No: resets are rationed, so that nobody can wipe a bad run away.'),
    ],
    sees: phrase('Full stock and counters at zero. A second reset is refused, with the time to wait.'),
    teach: phrase(
      'A reset is a barrier: every tap falls wholly before it, or is refused as stale. Asked twice with the same key, it happens once. The log keeps both sides.',
    ),
    cues: [
      ...(waits(here)
        ? []
        : [
            cue(
              'act',
              phrase(`Bots? Control, Drills: a bot, ${count(TAPS)} taps. Read out what stopped it.`),
            ),
          ]),
      here.resetDone
        ? cue('pause', phrase('R again: it is refused. Let the seconds count.'))
        : cue('act', phrase('R, twice, resets. Then ask for it again at once.')),
      cue('worry', phrase('The board: “Will it hold?” Back in one press, and the bad run stays on record.')),
    ],
  };
}

function wrap(here: Here): Card {
  const { ledger } = here.view;
  return {
    say: here.rehearsed
      ? [phrase('This was a rehearsal: all of it SIMULATED, none of it kept.')]
      : [
          phrase('Do not believe me.'),
          phrase('The log of this room is yours: recount it at your desk, and look up your own ticket.'),
        ],
    sees: phrase('Real spend, what each lane sold of what exists, and what was lost.'),
    teach: phrase(
      'What held was neither speed nor luck, but one owner for the state and one step for the decision. The audit recounts the show from its log.',
    ),
    cues: [
      cue('zero', phrase(`Real spend at the end: ${usd(ledger.realUsd)}. Say the number.`)),
      cue('worry', phrase('V turns to the matrix: let them pick a worry.')),
      cue('close', phrase('“One owner for the state, one step for the decision.” Then stop talking.')),
    ],
  };
}

function missing(why: string): Card {
  return {
    say: [phrase('Go on to the next step.')],
    sees: why,
    teach: phrase('A show sells on the lanes that were chosen when it was opened.'),
    cues: [],
  };
}

function limitSentence({ view: { ledger } }: Here): string {
  if (ledger.locked) return lockWords(ledger);
  return ledger.limitUsd === 0
    ? phrase('Nothing you do here can cost a cent: the lock refuses the very first cent.')
    : phrase(`What you do here can cost ${usd(ledger.limitUsd)} at most: the lock refuses the next cent.`);
}

/** How this presenter came in, where that is known. */
function cameInBy({ proof, rehearsed }: Here): string {
  if (rehearsed) return phrase('A rehearsal: this browser is server and room, and nobody signs in.');
  switch (proof) {
    case 'turnstile':
      return phrase('I came in past a check for bots, and so did you.');
    case 'debug-token':
      return phrase('I signed in with a token of this server.');
    case 'none':
      return phrase('This device was let in by one that had signed in.');
    case null:
      return '';
  }
}

function sessionSentence({ rehearsed, view: { ledger } }: Here): string {
  if (rehearsed) return phrase('The rules are the live ones, over memory in place of a server.');
  const session = phrase('A signed session needs no look-up, and what is kept of it expires by itself.');
  return ledger.limitUsd === 0
    ? `${session} ${phrase('The spending limit is exactly zero: a charge is refused, not reported.')}`
    : session;
}
