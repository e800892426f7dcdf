/** Ways in which clients could be told wrong, or nothing; each names the rule that must find it. */
import { FIRST_PREVIOUS } from './canonical.ts';
import { change, choose, grants, moveToTheEnd, notes, ofKind, rechain, states } from './lying.ts';
import type { Mutation } from './lying.ts';

export const LIES_TO_CLIENTS: readonly Mutation[] = [
  {
    rule: 'told',
    name: 'an op that was done and never answered',
    breaks: (evidence, random) =>
      change(random, grants(evidence), ({ note }) => {
        for (const history of evidence.histories) {
          history.entries = history.entries.filter((entry) => entry.note !== note);
        }
      }),
  },
  {
    rule: 'told',
    name: 'an op that stays pending',
    breaks: (evidence, random) =>
      change(random, notes(evidence, 'ack'), ({ lanes }) => {
        for (const lane of Object.values(lanes)) Object.assign(lane, { status: 'pending', seq: undefined });
      }),
  },
  {
    rule: 'told',
    name: 'an allocation that nobody asked for',
    breaks: (evidence, random) =>
      change(random, ofKind(evidence, 'allocated'), (event) => {
        const body = { ...structuredClone(event.body), op: 'op-of-nobody' };
        evidence.log.events.push({ ...event, body, epoch: evidence.log.events.at(-1)!.epoch });
        rechain(evidence);
      }),
  },
  {
    rule: 'told',
    name: 'an op of another size than was asked for',
    breaks: (evidence, random) => change(random, notes(evidence, 'tap'), (note) => (note.units += 7)),
  },
  {
    rule: 'order',
    name: 'an op that is older than what its sender had been told',
    breaks: (evidence, random) => {
      const chosen = choose(random, ofKind(evidence, 'allocated'));
      return moveToTheEnd(evidence, (note) => note.kind === 'tap' && note.op === chosen?.body['op']);
    },
  },
  {
    rule: 'stream',
    name: 'a frame that did not come',
    breaks: (evidence, random) =>
      change(random, evidence.histories, (history) => {
        const place = history.entries.findIndex(
          ({ note }, index) =>
            note.kind === 'frame' &&
            note.seq >= note.from &&
            history.entries.slice(index + 1).find((entry) => entry.note.kind === 'frame'),
        );
        if (place >= 0) history.entries.splice(place, 1);
        else history.entries.length = 0;
      }) && evidence.histories.every(({ entries }) => entries.length > 0),
  },
  {
    rule: 'stream',
    name: 'an event that was left out and not counted',
    breaks: (evidence, random) =>
      change(
        random,
        notes(evidence, 'frame').filter(({ events }) => events.length > 0),
        ({ events }) => events.pop(),
      ),
  },
  {
    rule: 'stream',
    name: 'an event that the log tells otherwise',
    breaks: (evidence, random) =>
      change(
        random,
        notes(evidence, 'frame').filter(({ events }) => events.length > 0),
        ({ events }) => (events[0] = { ...events[0]!, body: { ...events[0]!.body, units: 4_711 } }),
      ),
  },
  {
    rule: 'stream',
    name: 'a frame with another head',
    breaks: (evidence, random) =>
      change(random, notes(evidence, 'frame'), (frame) => (frame.head = FIRST_PREVIOUS)),
  },
  {
    rule: 'stream',
    name: 'a resume that leaves one event out',
    breaks: (evidence, random) =>
      change(
        random,
        notes(evidence, 'welcome').filter(({ recovered, events }) => recovered && events.length > 0),
        ({ events }) => events.splice(Math.floor(random() * events.length), 1),
      ),
  },
  {
    rule: 'stream',
    name: 'a snapshot to somebody who missed little',
    breaks: (evidence, random) =>
      change(
        random,
        notes(evidence, 'welcome').filter(({ recovered }) => recovered),
        (welcome) => Object.assign(welcome, { recovered: false, events: [] }),
      ),
  },
  {
    rule: 'state',
    name: 'a counter that is one too high',
    breaks: (evidence, random) =>
      change(random, states(evidence), ({ lanes }) => (lanes['safe']!.acknowledged += 1)),
  },
  {
    rule: 'state',
    name: 'lost units that nobody shows',
    breaks: (evidence, random) =>
      change(
        random,
        states(evidence).filter(({ lanes }) => {
          const { inFlight = 1, lostUnits = 0 } = lanes['eventual'] ?? {};
          return inFlight === 0 && lostUnits > 0;
        }),
        ({ lanes }) => (lanes['eventual']!.lostUnits -= 1),
      ),
  },
];
