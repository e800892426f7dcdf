/** The machine, versions and commit of a benchmark. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { ROOT } from '../../scripts/lib/paths.mjs';

/** What {@link describeMachine} tells. */
export type Machine = ReturnType<typeof describeMachine>;

const PACKAGES = ['wrangler', 'workerd', 'miniflare', 'partyserver', 'ws'];
const manifest = v.pipe(v.string(), v.parseJson(), v.object({ version: v.string() }));

/** Describes this machine and this clone. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    /** Load average of the last minute before the benchmark began. */
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(1)),
    node: process.versions.node,
    versions: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
    /** Null outside of a clone. */
    commit: git('rev-parse', 'HEAD'),
    /** True when the clone has uncommitted changes. */
    changed: (git('status', '--porcelain', '--', 'src', 'scripts', 'bench', 'wrangler.toml') ?? '') !== '',
    date: new Date().toISOString(),
  };
}

function versionOf(name: string): string {
  const text = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  return v.parse(manifest, text).version;
}

function git(...args: string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
