/** One command from an empty account to a site that answers; and what is left, and said, when it stops on the way. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { Cloudflare } from './support/cloudflare.ts';
import { deploy, forgetDeployments, type Run, type RunOptions } from './support/command.ts';
import { deployedScript, type Script } from './support/script.ts';

const NAME = 'revenue-guard-live';
const MIGRATIONS = readdirSync(join(ROOT, 'migrations')).sort();
const SITE_KEY = '0x4AAAAAAAstandin';
const SITE_SECRET = '0x4AAAAAAAsecret-of-the-stand-in';
const LINK = /https:\/\/[^/\s]+\/#signin=(\S+)/g;

/** An account with nothing in it, and the command that works on it. */
interface Account {
  cloudflare: Cloudflare;
  run: (args: string[], options?: RunOptions) => Promise<Run>;
  script: (name?: string) => Script | undefined;
  /** Path of a file that the command keeps here. */
  kept: (file: string) => string;
}

/** Gives a test an account of its own: they run side by side. */
function onAccount(work: (account: Account) => Promise<void>): () => Promise<void> {
  return async () => {
    const cloudflare = await Cloudflare.open();
    try {
      await work({
        cloudflare,
        run: (args, options) => deploy(cloudflare, args, options),
        script: (name = NAME) => cloudflare.scripts.get(name),
        kept: (file) => join(ROOT, '.wrangler', 'deployments', cloudflare.account, NAME, file),
      });
      expect(cloudflare.unknown, 'requests that the stand-in knows nothing of').toEqual([]);
    } finally {
      cloudflare.close();
      forgetDeployments(cloudflare);
    }
  };
}

const links = ({ output }: Run) => [...output.matchAll(LINK)].map(([, token]) => token);
const changes = ({ requests }: Run) => requests.filter((request) => !request.startsWith('GET '));
const refuses = (status: number, code: number, message: string) => ({ status, code, message });

describe.concurrent('an account', () => {
  it(
    'that is empty is served by one command; the next call changes nothing; each option changes only what it says',
    onAccount(async ({ cloudflare, run, script, kept }) => {
      cloudflare.notYet = 1;
      const first = await run([]);
      expect(first.code, first.output).toBe(0);
      const url = `https://${NAME}.${cloudflare.subdomain}.workers.dev`;
      expect(first.output).toContain(`Revenue Guard Live is at ${url}`);
      expect(first.output, 'a QR code').toMatch(/[▀▄█]{8}/);
      const [database = ''] = [...cloudflare.databases.keys()];
      expect([...cloudflare.databases.values()].map(({ name }) => name)).toEqual([NAME]);
      expect([...cloudflare.namespaces.values()]).toEqual([`${NAME}-sessions`]);
      expect(script()?.bindings()).toContainEqual(expect.objectContaining({ name: 'DB', id: database }));
      expect(script()?.tables(), 'the new Worker never met old tables').toEqual(MIGRATIONS);
      // The link is said once; nothing else of the secrets is, and none of them stays on this machine.
      expect(links(first)).toEqual([script()?.secrets.get('DEBUG_TOKEN')]);
      expect(script()?.secrets.get('SESSION_SECRET')?.length).toBeGreaterThan(60);
      expect(first.output).not.toContain(script()?.secrets.get('SESSION_SECRET'));
      expect(existsSync(kept('secrets.json'))).toBe(false);

      const again = await run([]);
      expect(again.code, again.output).toBe(0);
      expect(again.output).toContain('Nothing has changed');
      expect(changes(again)).toEqual([]);
      expect(links(again)).toEqual([]);

      const challenged = await run(['--turnstile', SITE_KEY], { input: `${SITE_SECRET}\n` });
      expect(challenged.code, challenged.output).toBe(0);
      expect(script()?.secrets.get('TURNSTILE_SECRET_KEY')).toBe(SITE_SECRET);
      expect(challenged.output).not.toContain(SITE_SECRET);
      expect(script()?.bindings()).toContainEqual(expect.objectContaining({ text: SITE_KEY }));
      expect(changes(challenged).filter((request) => /\/(d1\/database|namespaces)$/.test(request))).toEqual(
        [],
      );

      const named = await run(['--domain', 'show.example.com']);
      expect(named.code, named.output).toBe(0);
      expect(named.output).toContain('Revenue Guard Live is at https://show.example.com');
      expect(cloudflare.domains).toMatchObject([{ hostname: 'show.example.com', service: NAME }]);
      expect(script()?.onWorkersDev).toBe(false);

      // The account remembers the domain and the site key: no option has to be said twice.
      const last = await run([]);
      expect(last.output).toContain('Revenue Guard Live is at https://show.example.com');
      expect(changes(last)).toEqual([]);

      const misspelt = await run(['--destroy'], { input: 'revenue-guard\n' });
      expect(misspelt.code).toBe(1);
      expect(misspelt.output).toContain('the logs of all shows');
      expect(changes(misspelt)).toEqual([]);
      const gone = await run(['--destroy'], { input: `${NAME}\n` });
      expect(gone.code, gone.output).toBe(0);
      const { databases, namespaces, scripts, domains } = cloudflare;
      expect([databases.size, namespaces.size, scripts.size, domains.length]).toEqual([0, 0, 0, 0]);
    }),
  );

  it(
    'whose deployment is stopped at any step keeps what stands, is told of it, and is completed by the next calls',
    onAccount(async ({ cloudflare, run, script, kept }) => {
      const steps: [
        pattern: RegExp,
        fault: Parameters<Cloudflare['fail']>[1],
        reason: string,
        stands: string,
      ][] = [
        [/^GET \/d1\/database$/, 'drop', 'could not be reached', ''],
        [
          /^POST \/d1\/database$/,
          refuses(400, 7406, 'You have reached your limit of databases'),
          'your limit',
          'nothing',
        ],
        [/^POST \/storage/, 'drop', 'could not be reached', `the database ${NAME}`],
        [
          /^PUT \/workers\/subdomain/,
          refuses(409, 10031, 'Subdomain is unavailable'),
          'unavailable',
          'the namespace',
        ],
        [/^POST .*\/query/, refuses(403, 10000, 'Authentication error'), 'D1: Edit', 'the namespace'],
        [
          /^PUT \/workers\/scripts/,
          refuses(400, 10053, 'Secret text is too large'),
          'too large',
          'the namespace',
        ],
        [
          /^GET \/site/,
          refuses(500, 0, 'SESSION_SECRET is too short.'),
          'SESSION_SECRET is too short',
          'the Worker',
        ],
      ];
      const tokens = [];
      for (const [pattern, fault, reason, stands] of steps) {
        cloudflare.fail(pattern, fault);
        const stopped = await run([]);
        cloudflare.mend();
        expect(stopped.code, stopped.output).toBe(1);
        expect(stopped.output).toContain(reason);
        if (stands !== '') expect(stopped.output).toMatch(new RegExp(`What stands: .*${stands}`));
        if (stands !== '') expect(stopped.output).toContain('Left to do: ');
        tokens.push(...links(stopped));
      }
      const whole = await run([]);
      expect(whole.code, whole.output).toBe(0);
      expect(changes(whole), 'all but the health had been done').toEqual([]);
      // The link came with the run that brought the token to Cloudflare, and never again.
      expect([...tokens, ...links(whole)]).toEqual([script()?.secrets.get('DEBUG_TOKEN')]);
      expect([cloudflare.databases.size, cloudflare.namespaces.size]).toEqual([1, 1]);
      expect(existsSync(kept('secrets.json'))).toBe(false);
    }),
  );

  it(
    'that was being uploaded to when Ctrl-C came gets the same secrets by the next call',
    onAccount(async ({ cloudflare, run, script, kept }) => {
      let pid = 0;
      cloudflare.fail(/^PUT \/workers\/scripts/, 'hold', () => process.kill(pid, 'SIGINT'));
      const stopped = await run([], { onStart: (started: number) => (pid = started) });
      expect(stopped.code).toBe(130);
      expect(stopped.output).toMatch(/Stopped\.\s+What stands: the database .*; the tables, up to date\./);
      expect(statSync(kept('secrets.json')).mode & 0o777, 'for its owner alone').toBe(0o600);
      const made = readFileSync(kept('secrets.json'), 'utf8');
      cloudflare.mend();
      const whole = await run([]);
      expect(whole.code, whole.output).toBe(0);
      expect(JSON.parse(made)).toEqual(Object.fromEntries(script()?.secrets ?? []));
      expect(existsSync(kept('secrets.json'))).toBe(false);
    }),
  );

  it(
    'may hold a second site, which shares nothing with the first',
    onAccount(async ({ cloudflare, run, script }) => {
      for (const args of [[], ['--name', 'second-show']]) expect((await run(args)).code).toBe(0);
      const ids = [NAME, 'second-show'].map((name) =>
        script(name)
          ?.bindings()
          .flatMap(({ type, id, namespace_id: namespace }) =>
            type === 'd1' || type === 'kv_namespace' ? [id ?? namespace] : [],
          ),
      );
      expect(new Set(ids.flat()).size).toBe(4);
      expect(script('second-show')?.secrets.get('DEBUG_TOKEN')).not.toBe(
        script()?.secrets.get('DEBUG_TOKEN'),
      );
      await run(['--destroy', '--name', 'second-show'], { input: 'second-show\n' });
      expect([...cloudflare.scripts.keys()], 'the first stays').toEqual([NAME]);
      expect(cloudflare.databases.size).toBe(1);
    }),
  );
});

describe.concurrent('nothing is changed', () => {
  it.each([
    ['D1: Edit', /\/d1\//],
    ['Workers KV Storage: Edit', /\/storage\/kv\//],
    ['Workers Scripts: Edit', /^[A-Z]+ \/workers\//],
  ])('by a token without the right %s, which is named', (right, pattern) =>
    onAccount(async ({ cloudflare, run }) => {
      cloudflare.fail(pattern, refuses(403, 10000, 'Authentication error'));
      const stopped = await run([]);
      expect(stopped.code).toBe(1);
      expect(stopped.output).toContain(right);
      expect(changes(stopped)).toEqual([]);
    })(),
  );

  it(
    'when the name belongs to another program, or the domain to another Worker',
    onAccount(async ({ cloudflare, run }) => {
      cloudflare.scripts.set(NAME, deployedScript(NAME));
      expect((await run([])).output).toContain('is not this program');
      cloudflare.scripts.clear();
      cloudflare.domains = [{ id: 'd', hostname: 'show.example.com', service: 'shop' }];
      expect((await run(['--domain', 'show.example.com'])).output).toContain('serves the Worker shop');
      expect(cloudflare.requests.filter((request) => !request.startsWith('GET '))).toEqual([]);
    }),
  );

  it(
    'when there are several accounts, or nobody is signed in',
    onAccount(async ({ cloudflare, run }) => {
      cloudflare.accounts.push({ id: 'f'.repeat(32), name: 'Another account' });
      const several = await run([], { env: { CLOUDFLARE_ACCOUNT_ID: '' } });
      expect(several.output).toContain(`${'f'.repeat(32)}  Another account`);
      const nobody = await run([], { env: { CLOUDFLARE_API_TOKEN: '' } });
      expect(nobody.code).toBe(1);
      expect(nobody.output).toContain('Nobody is signed in');
      expect(cloudflare.requests.filter((request) => !request.startsWith('GET '))).toEqual([]);
    }),
  );

  it(
    'by a dry run, which needs no account and leaves the bundle',
    onAccount(async ({ run }) => {
      const bundle = join(ROOT, 'artifacts', 'deploy');
      rmSync(bundle, { recursive: true, force: true });
      const dry = await run(['--dry-run'], { env: { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_ACCOUNT_ID: '' } });
      expect(dry.code, dry.output).toBe(0);
      expect(existsSync(join(bundle, 'worker.js'))).toBe(true);
      expect(dry.requests).toEqual([]);
    }),
  );

  it.each([
    [['--name', 'Not A Name'], '--name takes'],
    [['--domain', 'https://show.example.com'], '--domain takes'],
    [['--turnstile', '1x00000000000000000000AA'], 'public test keys'],
    [['--destroy', '--dry-run'], '--destroy goes with --name only'],
  ])('by %j', (args, words) =>
    onAccount(async ({ run }) => {
      const wrong = await run(args);
      expect(wrong.code).toBe(2);
      expect(wrong.output).toContain(words);
      expect(wrong.requests).toEqual([]);
    })(),
  );
});
