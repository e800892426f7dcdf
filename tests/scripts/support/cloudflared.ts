/**
 * Stands in for cloudflared: takes its options, and prints to stderr what it prints as a quick tunnel (sources of 2026, and
 * logs in its issues). Its address ends in its process id, so that whoever reads the address can signal it.
 * CLOUDFLARED_IS says what it does: `well` (unless something else is said), `silent`, `failing`, `wordless` (never says that it is
 * connected). SIGUSR1: the connection is lost. SIGUSR2: it is there again. SIGHUP: the tunnel is gone at the other end.
 */
import { parseArgs } from 'node:util';

const say = (level: string, words: string) =>
  process.stderr.write(`${new Date().toISOString().slice(0, 19)}Z ${level} ${words}\n`);
const connected = () =>
  say(
    'INF',
    'Registered tunnel connection connIndex=0 event=0 ip=198.41.200.13 location=fra08 protocol=quic',
  );

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    'no-autoupdate': { type: 'boolean' },
    'grace-period': { type: 'string' },
  },
});
if (positionals.join(' ') !== 'tunnel' || !values.url?.startsWith('http://')) process.exit(1);

const does = process.env['CLOUDFLARED_IS'] ?? 'well';
setInterval(() => undefined, 60_000);
process.on('SIGTERM', () => {
  say('INF', 'Initiating graceful shutdown due to signal terminated ...');
  process.exit(0);
});
process.on('SIGUSR1', () => {
  say('WRN', 'Serve tunnel error error="timeout: no recent network activity" connIndex=0');
  say('INF', 'Retrying connection in up to 1s connIndex=0');
});
process.on('SIGUSR2', connected);
process.on('SIGHUP', () =>
  say('ERR', 'Register tunnel error from server side error="Unauthorized: Tunnel not found" connIndex=0'),
);

say(
  'INF',
  'Thank you for trying Cloudflare Tunnel. Doing so, without a Cloudflare account, is a quick way to experiment.',
);
say('INF', 'Requesting new quick Tunnel on trycloudflare.com...');
if (does === 'failing') {
  const reason = 'dial tcp: lookup api.trycloudflare.com on 127.0.0.11:53: no such host';
  process.stderr.write(
    `failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": ${reason}\n`,
  );
  process.exit(1);
}
if (does !== 'silent') {
  const words = [
    'Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):',
    `https://calm-sea-${process.pid}.trycloudflare.com`,
  ];
  const width = Math.max(...words.map(({ length }) => length));
  const border = `+${'-'.repeat(width + 4)}+`;
  for (const line of [border, ...words.map((line) => `|  ${line.padEnd(width)}  |`), border])
    say('INF', line);
}
if (does === 'well') connected();
