/** The engines of the lanes' tests: started once, told to the Worker as variables; those that are missing are named. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ENGINE_NAMES } from '../../../../scripts/engines/names.mjs';
import { startEngines } from '../../../../scripts/engines/start.mjs';
import { FirestoreStandIn } from './firestore.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Worker's variables for the engines that run. */
    engines: Record<string, string>;
  }
}

/**
 * Before the first file; the function that is returned ends them after the last.
 * @throws when one is missing where all have to be there, as in continuous integration
 * @public called by Vitest by this name
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'engines-'));
  const engines = await startEngines({ names: ENGINE_NAMES, folder, onLine: console.log });
  const end = async () => {
    await engines.end();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const { title, why, how } of engines.missing) {
    console.log(`${title}: ${why}`);
    console.log(`not run: ${title} (${how})`);
  }
  if (engines.missing.length > 0 && process.env['EVERY_ENGINE']) {
    await end();
    throw new Error(
      `Every engine has to be there: ${engines.missing.map(({ title }) => title).join(' and ')} is not.`,
    );
  }
  const firestore = new FirestoreStandIn();
  const standIn = {
    FIRESTORE_PROJECT: 'stand-in',
    FIRESTORE_KEY: firestore.key,
    FIRESTORE_ENDPOINT: await firestore.listen(),
  };
  project.provide('engines', { ...Object.fromEntries(engines.vars), ...standIn });
  return async () => {
    firestore.close();
    await end();
  };
}
