/** The deployed site: whether it answers, and what is said of it at the end. */
import { setTimeout as pause } from 'node:timers/promises';
import { qrLines } from '../lib/banner.mjs';
import { refusal } from '../lib/server.mjs';
import { Stop } from '../lib/stop.mjs';

/** Longest wait for a new address, milliseconds: a first one needs a name and a certificate, which takes minutes at times. */
const WITHIN_MS = 180_000;
const POLL_MS = 1_000;
const ANSWER_WITHIN_MS = 10_000;

/**
 * Waits until the site says that it is well.
 * @param {string} url
 * @throws {Stop} when the Worker refuses its configuration, or the address stays silent
 */
export async function askHealth(url) {
  let last = 'nobody answers';
  const deadline = performance.now() + WITHIN_MS;
  while (performance.now() < deadline) {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const answer = await fetch(`${url}/api/health`, { signal }).catch(() => undefined);
    const body = (await answer?.text().catch(() => '')) ?? '';
    if (answer?.status === 200 && body.includes('"ok":true')) return;
    // Anything else is the platform's: an address that is not served yet.
    if (answer && body.startsWith('{"')) {
      const words = refusal(body, answer.status);
      throw new Stop(
        `${words}\nIt is deployed but refuses its configuration; \`npx wrangler rollback\` goes back.`,
      );
    }
    if (answer) last = `it answers ${answer.status}`;
    await pause(POLL_MS);
  }
  throw new Stop(`The address is not served yet (${last}): a new one can take some minutes.`);
}

/**
 * Prints the address with its QR code.
 * @param {string} url
 * @param {readonly string[]} notes printed below it
 */
export async function sayAddress(url, notes) {
  const { renderUnicodeCompact } = await import('uqr');
  const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
  const code = qrLines(renderUnicodeCompact(url, { border: 2 }), colour);
  console.log(['', `Revenue Guard Live is at ${url}`, '', ...code, ...notes, ''].join('\n'));
}
