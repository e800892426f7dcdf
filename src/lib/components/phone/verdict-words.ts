/** What became of a person's taps on one lane, in sentences that are true of it as it stands. */
import { phrase } from '#lib/language/phrase.ts';
import { count } from '../numerals.ts';

/** Units by what became of them, and how many held tickets were promised to somebody else as well. */
export interface Counted {
  units: Readonly<Record<string, number>>;
  shared: number;
}

/** A sentence around its figure; of one without a figure only `before` is not empty. Its colour says what its words say. */
export interface Sentence {
  tone: 'held' | 'lost' | 'oversold' | 'rest';
  before: string;
  figure: string;
  after: string;
}

/** The verdict, what is held first. Never empty. */
export function verdictSentences({ units, shared }: Counted): Sentence[] {
  const of = (kind: string) => units[kind] ?? 0;
  const held = of('confirmed') + of('restored');
  const lost = of('lost');
  const said = [
    around('held', held, held ? phrase(`You hold ${count(held)}.`) : phrase('You hold nothing.')),
  ];
  if (lost) {
    const words = lost === 1 ? phrase('1 was overwritten.') : phrase(`${count(lost)} were overwritten.`);
    said.push(around('lost', lost, words));
  }
  if (shared) said.push(around('oversold', shared, phrase(`${count(shared)} sold more than once.`)));
  const rest = [
    [of('waiting') + of('pending'), phrase('on their way')],
    [of('soldOut'), phrase('× sold out')],
    [of('refused'), phrase('× refused')],
    [of('unanswered'), phrase('× no answer before the end')],
  ] as const;
  const others = rest.flatMap(([n, name]) => (n ? `${count(n)} ${name}` : []));
  if (others.length > 0) said.push(around('rest', 0, others.join(', ')));
  return said;
}

/** A lane's verdict in one line. */
export function sentencesInLine(sentences: readonly Sentence[]): string {
  return sentences.map(({ before, figure, after }) => before + figure + after).join(' ');
}

/** Verdicts to be read out; several name their lanes. */
export function spoken(verdicts: readonly { lane: string; sentences: readonly Sentence[] }[]): string {
  return verdicts
    .map(({ lane, sentences }) => (verdicts.length > 1 ? `${lane}: ` : '') + sentencesInLine(sentences))
    .join(' ');
}

/** Languages put the figure where they want; a sentence about none has no figure. */
function around(tone: Sentence['tone'], n: number, words: string): Sentence {
  const figure = n ? count(n) : '';
  const [before = '', after = ''] = figure ? words.split(figure) : [words];
  return { tone, before, figure, after };
}
