/** Labels of people: unique in a show, and unrelated to who somebody is. */

/** How somebody is. Words are easy to read aloud, kind to everybody, and none is longer than nine letters. */
const ADJECTIVES = (
  'able agile airy amber apt azure balmy bold brave breezy bright brisk calm candid cheery chirpy civil clever ' +
  'cosy crisp curious dandy daring deft eager early easy fair famous fancy fine fleet fluffy fond fresh frosty ' +
  'gentle giddy glad golden grand happy hardy honest humble jaunty jolly jovial keen kind lively loyal lucky ' +
  'mellow merry mighty mild modest neat nimble noble plucky polite proud quick quiet rapid rosy sandy silver ' +
  'smart snug sunny swift tidy upbeat vivid warm witty zesty'
).split(' ');

/** Who somebody is. */
const ANIMALS = (
  'alpaca badger beaver bee bison bobcat bunny camel canary caribou cat cheetah chipmunk cicada condor corgi ' +
  'crane cricket dolphin donkey dove duck eagle egret elk falcon ferret finch firefly fox gazelle gecko gibbon ' +
  'giraffe goose hamster hare hawk hedgehog heron horse husky ibex ibis jackdaw jaguar kestrel kiwi koala lark ' +
  'lemur leopard llama lynx magpie manatee marmot meerkat moose narwhal newt ocelot octopus oriole otter owl ' +
  'panda parrot pelican penguin plover pony puffin quail rabbit raven robin salmon seal swan'
).split(' ');

/** Number of pairs of words; later participants get a number after theirs. */
export const PAIRS = ADJECTIVES.length * ANIMALS.length;

/**
 * The label of the `n`-th participant of a show, n ≥ 1. An affine map with a factor that shares no divisor with the
 * number of pairs visits every pair once before it comes back; the show's code decides where it starts and how it steps.
 */
export function labelFor(show: string, n: number): string {
  const seed = hashOf(show);
  const pair = (factorFrom(seed) * (n % PAIRS) + (seed % PAIRS)) % PAIRS;
  const adjective = ADJECTIVES[pair % ADJECTIVES.length];
  const animal = ANIMALS[Math.floor(pair / ADJECTIVES.length)];
  const round = Math.floor(n / PAIRS) + 1;
  return round === 1 ? `${adjective}-${animal}` : `${adjective}-${animal}-${round}`;
}

/** The label of a show's `n`-th presenter session, n ≥ 1: further devices of the same show are numbered. */
export function presenterLabel(n: number): string {
  return n === 1 ? 'presenter' : `presenter-${n}`;
}

function factorFrom(seed: number): number {
  let factor = 1 + ((seed >>> 8) % (PAIRS - 1));
  while (greatestCommonDivisor(factor, PAIRS) !== 1) factor++;
  return factor;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** FNV-1a, 32 bits: well spread over six letters. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}
