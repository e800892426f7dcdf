/** Friendly words for labels: easy to read aloud, kind to everybody, none longer than nine letters. */

/** How somebody is. */
export const ADJECTIVES = (
  'able agile airy amber apt azure balmy bold brave breezy bright brisk calm candid cheery chirpy civil clever ' +
  'cosy crisp curious dandy daring deft eager early easy fair famous fancy fine fleet fluffy fond fresh frosty ' +
  'gentle giddy glad golden grand happy hardy honest humble jaunty jolly jovial keen kind lively loyal lucky ' +
  'mellow merry mighty mild modest neat nimble noble plucky polite proud quick quiet rapid rosy sandy silver ' +
  'smart snug sunny swift tidy upbeat vivid warm witty zesty'
).split(' ');

/** Who somebody is. */
export const ANIMALS = (
  'alpaca badger beaver bee bison bobcat bunny camel canary caribou cat cheetah chipmunk cicada condor corgi ' +
  'crane cricket dolphin donkey dove duck eagle egret elk falcon ferret finch firefly fox gazelle gecko gibbon ' +
  'giraffe goose hamster hare hawk hedgehog heron horse husky ibex ibis jackdaw jaguar kestrel kiwi koala lark ' +
  'lemur leopard llama lynx magpie manatee marmot meerkat moose narwhal newt ocelot octopus oriole otter owl ' +
  'panda parrot pelican penguin plover pony puffin quail rabbit raven robin salmon seal swan'
).split(' ');
