/** One server for all files that do not kill it: rooms are the unit of isolation, and each file opens its own show. */
import type { TestProject } from 'vitest/node';
import { openHost } from './known-host.ts';

/** Where it is, how to present there, the leader of its process group, and where its database lies. */
export interface SharedHost {
  url: string;
  port: number;
  debugToken: string;
  group: number;
  folder: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    host: SharedHost;
  }
}

/**
 * Starts it before the first file; the function that is returned ends it after the last.
 * @public called by Vitest by this name
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { host, folder, end } = await openHost();
  const { url, port, debugToken, group } = host;
  project.provide('host', { url, port, debugToken, group, folder });
  return end;
}
