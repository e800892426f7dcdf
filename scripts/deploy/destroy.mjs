/** Deletes a deployment: the Worker with its rooms and secrets, its domains, its database and its namespace. */
import { rmSync } from 'node:fs';
import { Stop } from '../lib/stop.mjs';
import { ifThere } from './api.mjs';
import { ask } from './ask.mjs';
import { Progress } from './progress.mjs';

/**
 * @param {import('./api.mjs').Api} api
 * @param {string} at path of the account
 * @param {import('./configuration.mjs').Target} target
 * @param {import('./account.mjs').Found} found
 * @param {string} folder of the deployment here
 * @returns {Promise<number>} the exit code
 * @throws {Stop} when its name is not given
 */
export async function destroy(api, at, target, found, folder) {
  const { name, database, namespace } = target;
  /** @param {string} what @param {string} path @returns {import('./progress.mjs').Task} */
  const gone = (what, path) => ({
    title: `Deleting ${what}`,
    makes: `no more ${what}`,
    work: () => ifThere(api.call(`${at}${path}`, 'DELETE')),
  });
  // The Worker first: nothing may run that has lost its database.
  const tasks = [
    ...found.domains.map(({ id, hostname }) => gone(`the domain ${hostname}`, `/workers/domains/${id}`)),
    ...(found.worker
      ? [
          gone(
            `the Worker ${name}, its secrets and the logs of all shows`,
            `/workers/scripts/${name}?force=true`,
          ),
        ]
      : []),
    ...(found.databaseId ? [gone(`the database ${database}`, `/d1/database/${found.databaseId}`)] : []),
    ...(found.namespaceId
      ? [gone(`the namespace ${namespace}`, `/storage/kv/namespaces/${found.namespaceId}`)]
      : []),
  ];
  if (tasks.length === 0) {
    console.log(`The account has nothing of ${name}.`);
    return 0;
  }
  console.log(['This cannot be undone:', ...tasks.map(({ title }) => `  ${title}`)].join('\n'));
  const answer = await ask(`Type ${name} to delete it for good:`);
  if (answer !== name) throw new Stop('That is not its name: nothing was deleted.');
  await new Progress().run(tasks);
  rmSync(folder, { recursive: true, force: true });
  console.log(
    'Analytics Engine keeps its points for three months; a Turnstile widget is deleted in the dashboard.',
  );
  return 0;
}
