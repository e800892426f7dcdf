/** The generated configuration, whatever ids wrangler.toml has, and the secrets that a deployment needs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { filledConfig, readConfig, targetOf, type Config } from '../../scripts/deploy/configuration.mjs';
import { missingSecrets } from '../../scripts/deploy/secrets.mjs';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { Cloudflare, TOKEN } from './support/cloudflare.ts';

const REAL = {
  database: '4a1b2c3d-0000-4000-8000-00000000000f',
  namespace: '0f2a4a1b2c3d4a1b2c3d4a1b2c3d4a1b',
};
const FILLING = {
  name: 'show',
  database: 'show-d1',
  databaseId: REAL.database,
  namespaceId: REAL.namespace,
  siteKey: '',
  hasDomain: false,
};

let config: Config;
beforeAll(async () => void (config = await readConfig()));

const withIds = (database_id?: string, id?: string): Config => ({
  ...config,
  d1_databases: config.d1_databases.map(({ database_id: _, ...each }) => ({
    ...each,
    ...(database_id && { database_id }),
  })),
  kv_namespaces: config.kv_namespaces.map(({ id: _, ...each }) => ({ ...each, ...(id && { id }) })),
});
const idsOf = ({ databaseId, namespaceId }: { databaseId: string; namespaceId: string }) => [
  databaseId,
  namespaceId,
];

describe('wrangler.toml', () => {
  it.each([
    ['without ids', () => withIds()],
    ['with placeholder ids', () => config],
  ])('%s names no resource, and what is generated of it has those of the account', (_, made) => {
    const given = made();
    expect(idsOf(targetOf(given, undefined))).toEqual(['', '']);
    const filled = filledConfig(given, FILLING, '../..');
    expect(filled.d1_databases[0]).toMatchObject({ database_name: 'show-d1', database_id: REAL.database });
    expect(filled.kv_namespaces).toEqual([{ binding: 'SESSIONS', id: REAL.namespace }]);
  });

  it('keeps everything else on its way into the generated file, whose paths lead back to the clone', () => {
    const folder = join(ROOT, '.wrangler', 'x');
    const filled = filledConfig(config, FILLING, '../..');
    const same = [
      'compatibility_date',
      'compatibility_flags',
      'durable_objects',
      'migrations',
      'observability',
    ];
    for (const key of same) expect(filled[key]).toEqual(config[key]);
    expect({ ...filled.vars }).toEqual(config.vars);
    for (const path of [filled.main, filled.d1_databases[0]?.migrations_dir ?? ''])
      expect(existsSync(join(folder, path)), path).toBe(true);
  });

  it('with real ids is taken at its word, but for a site of another name, which would share its database', () => {
    const given = withIds(REAL.database, REAL.namespace);
    expect(idsOf(targetOf(given, undefined))).toEqual([REAL.database, REAL.namespace]);
    expect(idsOf(targetOf(given, undefined, 'name-of-the-builder'))).toEqual([REAL.database, REAL.namespace]);
    const other = targetOf(given, 'other');
    expect([...idsOf(other), other.database]).toEqual(['', '', 'other']);
  });
});

describe('a fork', () => {
  let cloudflare: Cloudflare;
  beforeAll(async () => void (cloudflare = await Cloudflare.open()));
  afterAll(() => {
    cloudflare.close();
    vi.unstubAllEnvs();
  });

  it('whose ids belong to another account finds its own resources by name; ids of this account go first', async () => {
    // The address of the API is read when the module is.
    vi.stubEnv('CLOUDFLARE_API_BASE_URL', `${cloudflare.url}/client/v4`);
    const { connect } = await import('../../scripts/deploy/api.mjs');
    const { lookUp } = await import('../../scripts/deploy/account.mjs');
    const api = connect(TOKEN);
    const make = async (path: string, body: object) =>
      (await api.call(`/accounts/${cloudflare.account}${path}`, 'POST', body)) as {
        id: string;
        uuid: string;
      };
    const byName = await make('/d1/database', { name: config.name });
    const renamed = await make('/d1/database', { name: 'as-the-button-named-it' });
    const namespace = await make('/storage/kv/namespaces', { title: `${config.name}-sessions` });
    const look = (databaseId: string) =>
      lookUp(api, cloudflare.account, targetOf(withIds(databaseId, REAL.namespace), undefined));
    expect(await look(REAL.database)).toMatchObject({ databaseId: byName.uuid, namespaceId: namespace.id });
    expect(await look(renamed.uuid)).toMatchObject({ databaseId: renamed.uuid });
  });
});

describe('secrets', () => {
  const none = { siteKey: '', deployedKey: '' };
  const keyed = { siteKey: 'k', deployedKey: 'k' };
  it.each([
    ['an empty Worker', [], none, ['SESSION_SECRET', 'DEBUG_TOKEN'], false],
    ['a whole one', ['SESSION_SECRET', 'DEBUG_TOKEN'], none, [], false],
    ['an empty one with Turnstile', [], { siteKey: 'k', deployedKey: '' }, ['SESSION_SECRET'], true],
    ['one with Turnstile', ['SESSION_SECRET', 'TURNSTILE_SECRET_KEY'], keyed, [], false],
    ['a new site key', ['SESSION_SECRET', 'TURNSTILE_SECRET_KEY'], { ...keyed, siteKey: 'n' }, [], true],
  ])('are made and asked for as %s needs them', (_, there, turnstile, made, asksTurnstile) => {
    expect(missingSecrets(new Set(there), turnstile)).toEqual({ made, asksTurnstile });
  });

  it('of Turnstile without a site key stop the deployment', () => {
    expect(() => missingSecrets(new Set(['TURNSTILE_SECRET_KEY']), none)).toThrow('no site key');
  });
});
