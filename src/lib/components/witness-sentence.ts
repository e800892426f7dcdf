/** The sentence of a lost update. Every clause is a fact of the log; a reading is called shared only if it was. */
import type { Witness } from '#lib/domain/witness.ts';

/** What the sentence needs to know. */
export type LostUpdate = Omit<Witness, 'seq' | 'lane' | 'op'>;

/** A piece of the sentence: plain words, a person's label or a number that was read or written. */
export interface Words {
  kind: 'text' | 'who' | 'number';
  text: string;
}

/** The sentence, in pieces that can be set apart from one another. */
export function witnessSentence(lost: LostUpdate): Words[] {
  const told = lost.bothRead === null ? diverged(lost) : raced(lost, lost.bothRead);
  return lost.restored ? [...told, say(' A later write brought it back.')] : told;
}

/** The sentence as one text, for screen readers. */
export function witnessText(lost: LostUpdate): string {
  return witnessSentence(lost)
    .map((words) => words.text)
    .join('');
}

/** The sentence when both writes have the same parent version. */
function raced(lost: LostUpdate, read: number): Words[] {
  const alone = lost.lostWho === lost.byWho;
  const readers = alone
    ? [say('Two taps of '), who(lost.byWho), say(' both read ')]
    : [who(lost.lostWho), say(' and '), who(lost.byWho), say(' both read ')];
  const wrote =
    lost.lostWrote === lost.byWrote
      ? [say('. Both wrote '), num(lost.byWrote)]
      : alone
        ? [say('. One wrote '), num(lost.lostWrote), say(', then the other '), num(lost.byWrote)]
        : [
            say('. '),
            who(lost.lostWho),
            say(' wrote '),
            num(lost.lostWrote),
            say(', then '),
            who(lost.byWho),
            say(' wrote '),
            num(lost.byWrote),
          ];
  const erased = alone
    ? [say(`. The later write erased the earlier ${units(lost.lostUnits)}.`)]
    : [
        say('. '),
        who(lost.byWho),
        say('’s write erased '),
        who(lost.lostWho),
        say(`’s ${units(lost.lostUnits)}.`),
      ];
  return [...readers, num(read), ...wrote, ...erased];
}

/** The sentence when the erasing write was built on an older version: which one, and what the counter did. */
function diverged(lost: LostUpdate): Words[] {
  const owner = lost.lostWho === lost.byWho ? [say('their own')] : [who(lost.lostWho), say('’s')];
  const counter =
    lost.storedBefore === lost.storedAfter
      ? [say(': the counter stayed at '), num(lost.storedAfter)]
      : [say(': the counter went from '), num(lost.storedBefore), say(' to '), num(lost.storedAfter)];
  return [
    who(lost.byWho),
    say('’s write was built on version '),
    num(lost.byReadVersion),
    say('; it erased '),
    ...owner,
    say(` ${units(lost.lostUnits)}`),
    ...counter,
    say('.'),
  ];
}

function units(count: number): string {
  return count === 1 ? 'unit' : `${count} units`;
}

function say(text: string): Words {
  return { kind: 'text', text };
}

function who(text: string): Words {
  return { kind: 'who', text };
}

function num(value: number): Words {
  return { kind: 'number', text: value.toLocaleString('en-US') };
}
