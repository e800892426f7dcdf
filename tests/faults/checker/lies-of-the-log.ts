/** Ways in which a room's log, or its database, could be wrong; each names the rule that must find it. */
import { change, choose, grants, ofKind, rechain, removeEvent } from './lying.ts';
import type { Mutation } from './lying.ts';

export const LIES_OF_THE_LOG: readonly Mutation[] = [
  {
    rule: 'chain',
    name: 'a body that was changed afterwards',
    breaks: (evidence, random) =>
      change(
        random,
        ofKind(evidence, 'allocated'),
        ({ body }) => (body['units'] = Number(body['units']) + 1),
      ),
  },
  {
    rule: 'chain',
    name: 'an event cut out',
    breaks: (evidence, random) =>
      change(random, evidence.log.events.slice(1), (event) => {
        evidence.log.events = evidence.log.events.filter((other) => other !== event);
      }),
  },
  {
    rule: 'chain',
    name: 'two events that changed places',
    breaks: ({ log: { events } }) => {
      const last = events.pop();
      const before = events.pop();
      if (last && before) events.push(last, before);
      return before !== undefined;
    },
  },
  {
    rule: 'chain',
    name: 'a last line that names another head',
    breaks: ({ log }) => ((log.end.head = log.events[0]?.hash ?? ''), true),
  },
  {
    rule: 'chain',
    name: 'an epoch that moves without a reset',
    breaks: (evidence, random) => {
      const moved = change(random, ofKind(evidence, 'allocated'), (event) => (event.epoch += 1));
      rechain(evidence);
      return moved;
    },
  },
  {
    rule: 'once',
    name: 'an acknowledged op that is not in the log',
    breaks: (evidence, random) =>
      change(random, ofKind(evidence, 'allocated'), (event) => removeEvent(evidence, event)),
  },
  {
    rule: 'once',
    name: 'an op that was done twice',
    breaks: (evidence, random) =>
      change(random, ofKind(evidence, 'allocated'), (event) => {
        evidence.log.events.push({ ...structuredClone(event), epoch: evidence.log.events.at(-1)!.epoch });
        rechain(evidence);
      }),
  },
  {
    rule: 'once',
    name: 'a second answer that differs',
    breaks: (evidence, random) =>
      change(random, grants(evidence), ({ note, answer }) => {
        const history = evidence.histories.find(({ entries }) =>
          entries.some((entry) => entry.note === note),
        );
        const again = structuredClone(note);
        for (const lane of Object.values(again.lanes)) lane.seq = (answer.seq ?? 0) + 1;
        history?.entries.push({ order: 1e9, note: again });
      }),
  },
  {
    rule: 'once',
    name: 'a refusal after an acknowledgement',
    breaks: (evidence, random) =>
      change(random, grants(evidence), ({ note }) => {
        const history = evidence.histories.find(({ entries }) =>
          entries.some((entry) => entry.note === note),
        );
        const again = structuredClone(note);
        for (const lane of Object.values(again.lanes)) {
          Object.assign(lane, { status: 'refused', code: 'OUT_OF_STOCK' });
        }
        history?.entries.push({ order: 1e9, note: again });
      }),
  },
  {
    rule: 'capacity',
    name: 'a unit more than there is',
    breaks: (evidence) => {
      const [opened] = evidence.log.events;
      const sold = new Map<number, number>();
      for (const { epoch, body } of ofKind(evidence, 'allocated')) {
        if (body['lane'] === 'safe') sold.set(epoch, (sold.get(epoch) ?? 0) + Number(body['units']));
      }
      const most = Math.max(0, ...sold.values());
      if (opened) opened.body = { sku: { capacity: most - 1 } };
      rechain(evidence);
      return most > 0;
    },
  },
  {
    rule: 'lineage',
    name: 'a write that the database does not have',
    breaks: (evidence, random) =>
      change(random, evidence.orders, (row) => {
        evidence.orders = evidence.orders.filter((other) => other !== row);
      }),
  },
  {
    rule: 'lineage',
    name: 'a write with another parent',
    breaks: (evidence, random) => change(random, evidence.orders, (row) => (row.parentVersion += 1)),
  },
  {
    rule: 'lineage',
    name: 'a stored value that is not what was read and added',
    breaks: (evidence, random) => change(random, evidence.orders, (row) => (row.wroteAllocated += 1)),
  },
  {
    rule: 'lineage',
    name: 'a lost op that nobody was told of',
    breaks: (evidence, random) =>
      change(random, ofKind(evidence, 'lost'), (event) => removeEvent(evidence, event)),
  },
  {
    rule: 'lineage',
    name: 'two writes of one version, in log and database',
    breaks: (evidence, random) => {
      const row = choose(
        random,
        evidence.orders.filter(({ version }) => version > 1),
      );
      const event = ofKind(evidence, 'allocated').find(({ body }) => body['op'] === row?.op);
      if (!row || !event) return false;
      row.version -= 1;
      event.body['version'] = row.version;
      rechain(evidence);
      return true;
    },
  },
];
