/** The engines that `npm start -- --engines` can bring, and when it does not because the user's own are to be used. */

/** @typedef {'postgres' | 'dynamodb' | 'redis'} EngineName */

/** In the order of the guide. @type {readonly EngineName[]} */
export const ENGINE_NAMES = ['postgres', 'dynamodb', 'redis'];

/** As people read them. @type {Record<EngineName, string>} */
export const TITLES = { postgres: 'PostgreSQL', dynamodb: 'DynamoDB', redis: 'Redis' };

/** The variables of which one with a value says that an engine is somewhere else (docs/engines.md). @type {Record<EngineName, string[]>} */
const ADDRESSES = {
  postgres: ['POSTGRES_URL'],
  dynamodb: ['DYNAMODB_ENDPOINT', 'DYNAMODB_ACCESS_KEY_ID'],
  redis: ['REDIS_URL'],
};

/**
 * Splits engines into those that have an address already and those that are to be started here.
 * @param {readonly EngineName[]} names
 * @param {(variable: string) => string | undefined} valueOf
 */
export function configuredEngines(names, valueOf) {
  const elsewhere = names.filter((name) => ADDRESSES[name].some(valueOf));
  return { elsewhere, here: names.filter((name) => !elsewhere.includes(name)) };
}
