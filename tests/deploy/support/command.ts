/** Runs `npm run deploy` as a process of its own against the stand-in. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import { TOKEN, type Cloudflare } from './cloudflare.ts';

const REACH = new URL('./reach.ts', import.meta.url).href;

export interface Run {
  code: number;
  /** Everything that it said, on both streams. */
  output: string;
  /** What it asked the API for, in order: `POST /d1/database`, without the account. */
  requests: string[];
}

export interface RunOptions {
  /** Piped to the command. */
  input?: string;
  /** More of the environment, or other values. */
  env?: Record<string, string>;
  /** Called once the command runs. */
  onStart?: (pid: number) => void;
}

/** Runs the command to its end. */
export async function deploy(cloudflare: Cloudflare, args: string[], options: RunOptions = {}): Promise<Run> {
  const { input = '', env = {}, onStart } = options;
  const before = cloudflare.requests.length;
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'deploy.mjs'), ...args], {
    cwd: ROOT,
    env: {
      ...ownEnvironment(),
      CLOUDFLARE_API_BASE_URL: `${cloudflare.url}/client/v4`,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_ACCOUNT_ID: cloudflare.account,
      WRANGLER_WRITE_LOGS: 'false',
      // Wrangler's own folder, so that nobody's sign-in is used.
      XDG_CONFIG_HOME: cloudflare.home,
      NODE_OPTIONS: `--import ${REACH}`,
      STAND_IN: cloudflare.url,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  onStart?.(child.pid ?? 0);
  const code = await new Promise<number>((resolve) => child.on('close', (ended) => resolve(ended ?? 1)));
  return { code, output, requests: cloudflare.requests.slice(before) };
}

/** Removes what the command kept in the clone. */
export function forgetDeployments(cloudflare: Cloudflare): void {
  rmSync(join(ROOT, '.wrangler', 'deployments', cloudflare.account), { recursive: true, force: true });
}

/** This process's environment without anything that tells wrangler or the command what to do. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const isTold = /^(CLOUDFLARE|CF|WRANGLER|WORKERS_CI|NODE_OPTIONS|VITEST|HTTPS?_PROXY)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isTold.test(name)));
}
