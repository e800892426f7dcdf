/** The rules of Deploy to Cloudflare buttons (developers.cloudflare.com/workers/platform/deploy-buttons). */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readConfig, targetOf, type Config } from '../../scripts/deploy/configuration.mjs';
import { missingSecrets } from '../../scripts/deploy/secrets.mjs';
import { parseDevVars } from '../../scripts/lib/dev-vars.mjs';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { variableNames } from '../../scripts/lib/start-options.mjs';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>;
  cloudflare: { bindings: Record<string, { description: string }> };
};
const described = Object.keys(manifest.cloudflare.bindings);
const example = parseDevVars(read('.dev.vars.example'));
const nameOf = (binding: unknown) => String((binding as { binding: unknown }).binding);

describe('the deploy button', () => {
  let config: Config;
  beforeAll(async () => void (config = await readConfig()));

  it('has the documented form in the README, and names a repository where buttons work', () => {
    const image = String.raw`!\[Deploy to Cloudflare\]\(https://deploy\.workers\.cloudflare\.com/button\)`;
    const target = String.raw`https://deploy\.workers\.cloudflare\.com/\?url=https://git(hub|lab)\.com/[\w-]+/[\w-]+`;
    expect(read('README.md')).toMatch(new RegExp(String.raw`\[${image}\]\(${target}\)`));
  });

  it('asks for exactly the secrets that a deployment without them would make, and the file holds none', () => {
    const { made } = missingSecrets(new Set(), { siteKey: '', deployedKey: '' });
    expect([...example.keys()].sort()).toEqual([...made].sort());
    expect([...example.values()].filter((value) => value !== '')).toEqual([]);
    const ignored = spawnSync('git', ['check-ignore', '-q', '.dev.vars.example'], { cwd: ROOT });
    expect(ignored.status, 'the example is in the repository').toBe(1);
  });

  it('describes every secret and resource by its own name, and nothing that is not there', () => {
    const { d1_databases: d1, kv_namespaces: kv, analytics_engine_datasets: datasets } = config;
    const resources = [...d1, ...kv, ...(datasets as unknown[])].map(nameOf);
    const known = new Set([...resources, ...variableNames(read('src/server/env.ts'))]);
    expect(described.filter((name) => !known.has(name))).toEqual([]);
    expect([...resources, ...example.keys()].filter((name) => !described.includes(name))).toEqual([]);
    for (const { description } of Object.values(manifest.cloudflare.bindings))
      expect(description).toMatch(/\.$/);
  });

  it('finds a default name and a placeholder id for each resource that it makes', () => {
    const [database, namespace] = [config.d1_databases[0], config.kv_namespaces[0]];
    expect(database?.database_name).toBe(config.name);
    expect(database?.database_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(namespace?.id).toMatch(/^[0-9a-f]{32}$/);
    // Ids of somebody's account would be everybody's.
    expect(targetOf(config, undefined)).toMatchObject({ databaseId: '', namespaceId: '' });
  });

  it('finds commands that build, and that migrate by the name of the binding and deploy', () => {
    for (const name of ['build', 'deploy'])
      expect(existsSync(join(ROOT, manifest.scripts[name]?.replace(/^node /, '') ?? '')), name).toBe(true);
    const binding = nameOf(config.d1_databases[0]);
    expect(read('scripts/deploy/deployment.mjs')).toContain(
      `'migrations', 'apply', '${binding}', '--remote'`,
    );
  });
});
