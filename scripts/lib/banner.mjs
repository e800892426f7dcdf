/** The text that `npm start` prints when the server is up. */
import { addresses } from './network.mjs';
import { printable } from './printable.mjs';

/** Light blocks on black, whatever the terminal's colours are: a QR code has to be dark on light for a camera. */
const DARK_GROUND = '\u001B[40;97m';
const RESET = '\u001B[0m';
/** Columns of an engine's name: as wide as those of the addresses above. */
const ENGINE_WIDTH = 17;

/**
 * The address that signs a presenter in. The token is in the fragment, which no browser sends to a server.
 * @param {string} url
 * @param {string} debugToken
 */
export function signInLink(url, debugToken) {
  return `${url}/#signin=${encodeURIComponent(debugToken)}`;
}

/**
 * @typedef {object} Printing
 * @property {string} debugToken
 * @property {(text: string) => string} drawQr makes lines of blocks
 * @property {boolean} colour whether the terminal has it
 */

/** What became of the engines that were asked for. @typedef {Pick<import('../engines/start.mjs').Engines, 'running' | 'missing'> & { elsewhere: string[] }} Engines */

/**
 * The whole text; `persistTo` is as the user gave it, `tunnel` what is known of the public address when there is to be one.
 * @param {Printing & { host: string, port: number, persistTo: string, tunnel?: import('../host/tunnel.mjs').TunnelNews | undefined, engines?: Engines | undefined }} options
 */
export function banner({ host, port, persistTo, debugToken, drawQr, colour, tunnel, engines }) {
  const { local, network } = addresses(host, port);
  const lines = ['', 'Revenue Guard Live is running.', '', `  On this machine   ${local}`];
  for (const url of network) lines.push(`  In this network   ${url}`);
  if (tunnel?.address) lines.push(`  From anywhere     ${tunnel.address}`);
  else if (tunnel) lines.push('', `  ${tunnelDown(tunnel.reason)}`);
  const forPhones = tunnel?.address ?? network[0];
  if (forPhones) lines.push('', ...qrLines(drawQr(forPhones), colour));
  else lines.push('  Phones cannot reach this address: start without --host for the local network.');
  lines.push('', 'Presenter, open this link to sign in (keep it off the projector):');
  lines.push(`  ${signInLink(local, debugToken)}`);
  if (forPhones && forPhones !== local) {
    lines.push('From another device:', `  ${signInLink(forPhones, debugToken)}`);
  }
  if (engines) lines.push('', ...engineLines(engines));
  lines.push('', `The shows are kept in ${persistTo}. Ctrl-C ends everything.`, '');
  return lines.join('\n');
}

/**
 * What is printed when the public address changes while the server runs.
 * @param {import('../host/tunnel.mjs').TunnelNews} news
 * @param {Printing} printing
 */
export function tunnelNotice({ address, reason }, { debugToken, drawQr, colour }) {
  if (address === null) return `\n${tunnelDown(reason)}\n`;
  const lines = [
    '',
    `The public address is now ${address}`,
    'Every stage shows it; phones scan it anew.',
    '',
  ];
  lines.push(...qrLines(drawQr(address), colour), '', 'Presenter, from another device:');
  return [...lines, `  ${signInLink(address, debugToken)}`, ''].join('\n');
}

/** @param {Engines} engines */
function engineLines({ running, missing, elsewhere }) {
  return [
    ...running.map(({ title, label }) => `  ${title.padEnd(ENGINE_WIDTH)} runs here (${label})`),
    ...elsewhere.map((title) => `  ${title.padEnd(ENGINE_WIDTH)} is where its variables say (YOUR ENDPOINT)`),
    ...missing.flatMap(({ title, why, how }) => [
      `  ${title.padEnd(ENGINE_WIDTH)} is missing: ${printable(why)}`,
      `  ${''.padEnd(ENGINE_WIDTH)} ${how}`,
    ]),
  ];
}

/** @param {string} reason */
function tunnelDown(reason) {
  return `There is no public address now, and another one is being asked for. ${reason}`;
}

/**
 * The lines of a QR code, indented.
 * @param {string} drawing
 * @param {boolean} colour whether the terminal has it
 */
export function qrLines(drawing, colour) {
  const lines = drawing.split('\n').filter((line) => line !== '');
  return lines.map((line) => `  ${colour ? `${DARK_GROUND}${line}${RESET}` : line}`);
}
