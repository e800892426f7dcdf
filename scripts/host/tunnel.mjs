/**
 * A public https address for this server without an account: runs `cloudflared` as a quick tunnel and starts it again when it
 * ends, which gives a new address. It runs in the server's own process group and so ends with the server, however that ends.
 * What it prints is read as its sources print it (github.com/cloudflare/cloudflared, cmd/cloudflared/tunnel/quick_tunnel.go).
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * What is known of the address. `address` is null while phones cannot use one; `reason` is then the program's own last words.
 * @typedef {{ address: string | null, reason: string }} TunnelNews
 */

/** The line of the box. The bars tell it from `https://api.trycloudflare.com` in an error. */
const ADDRESS = /\|\s+(https:\/\/[a-z\d-]+\.trycloudflare\.com)\s+\|/;
/** Before this the address has no name yet, and who asks too early is told for minutes that there is none. */
const CONNECTED = /\bregistered\b/i;
const DISCONNECTED = /Retrying connection|Lost connection with the edge/i;
/** The tunnel is gone from the other side: trying again, which the program does for minutes, cannot help. */
const REVOKED = /Unauthorized/;
/** How long the program may take to tell a connected address, milliseconds; it takes 5 s, its own requests may take 15 s. */
const TELLS_WITHIN_MS = 30_000;
const FIRST_PAUSE_MS = 1_000;
/** The service refuses for a while who asks too often. */
const LONGEST_PAUSE_MS = 60_000;
/** Characters of a reason. */
const LONGEST_REASON = 300;

/**
 * Keeps a tunnel to a local server for as long as this process lives.
 * @param {object} options
 * @param {string} options.program path of cloudflared
 * @param {string} options.url the local server
 * @param {(news: TunnelNews) => void} options.onNews called with every change
 * @param {number} [options.tellsWithinMs]
 * @param {number} [options.firstPauseMs]
 */
export function keepTunnel({
  program,
  url,
  onNews,
  tellsWithinMs = TELLS_WITHIN_MS,
  firstPauseMs = FIRST_PAUSE_MS,
}) {
  let pauseMs = firstPauseMs;
  /** @type {string | null | undefined} */
  let told;
  const tell = (/** @type {string | null} */ address, reason = '') => {
    if (address === told) return;
    told = address;
    if (address !== null) pauseMs = firstPauseMs;
    onNews({ address, reason });
  };
  const run = () =>
    runOnce({ program, url, tellsWithinMs, tell }, (reason) => {
      tell(null, reason);
      setTimeout(run, pauseMs);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    });
  run();
}

/**
 * @param {{ program: string, url: string, tellsWithinMs: number, tell: (address: string | null, reason?: string) => void }} options
 * @param {(reason: string) => void} onEnd called once, when the process has ended
 */
function runOnce({ program, url, tellsWithinMs, tell }, onEnd) {
  // Open sockets would hold it for 30 s after it was asked to end.
  const options = ['--no-autoupdate', '--grace-period', '1s'];
  const child = spawn(program, ['tunnel', '--url', url, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  let address = '';
  let isUp = false;
  let reason = '';
  const up = () => {
    clearTimeout(late);
    isUp = true;
    tell(address);
  };
  const late = setTimeout(() => {
    // A version that says "connected" in other words: the address is better than none.
    if (address) return up();
    reason = `cloudflared told no address within ${tellsWithinMs / 1000} seconds.`;
    child.kill('SIGKILL');
  }, tellsWithinMs);
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      address ||= ADDRESS.exec(line)?.[1] ?? '';
      if (/\b(ERR|FTL)\b|^\D*failed /.test(line)) reason = line.slice(0, LONGEST_REASON);
      if (REVOKED.test(line)) child.kill();
      else if (isUp && DISCONNECTED.test(line)) tell(null, line.slice(0, LONGEST_REASON));
      else if (address && CONNECTED.test(line)) up();
    });
  }
  child.on('error', (error) => (reason = error.message));
  child.on('close', (code) => {
    clearTimeout(late);
    onEnd(reason || `cloudflared ended (${code ?? 'by a signal'}).`);
  });
}
