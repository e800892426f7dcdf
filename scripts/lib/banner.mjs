/** The text that `npm start` prints when the server is up. */
import { addresses } from './network.mjs';

/** Light blocks on black, whatever the terminal's colours are: a QR code has to be dark on light for a camera. */
const DARK_GROUND = '\u001B[40;97m';
const RESET = '\u001B[0m';

/**
 * The address that signs a presenter in. The token is in the fragment, which no browser sends to a server.
 * @param {string} url
 * @param {string} debugToken
 */
export function signInLink(url, debugToken) {
  return `${url}/#signin=${encodeURIComponent(debugToken)}`;
}

/**
 * The whole text; `persistTo` is as the user gave it, `drawQr` makes lines of blocks, `colour` is whether the terminal has it.
 * @param {{ host: string, port: number, persistTo: string, debugToken: string, drawQr: (text: string) => string, colour: boolean }} options
 */
export function banner({ host, port, persistTo, debugToken, drawQr, colour }) {
  const { local, network } = addresses(host, port);
  const lines = ['', 'Revenue Guard Live is running.', '', `  On this machine   ${local}`];
  for (const url of network) lines.push(`  In this network   ${url}`);
  const forPhones = network[0];
  if (forPhones) lines.push('', ...qrLines(drawQr(forPhones), colour));
  else lines.push('  Phones cannot reach this address: start without --host for the local network.');
  lines.push('', 'Presenter, open this link to sign in (keep it off the projector):');
  lines.push(`  ${signInLink(local, debugToken)}`);
  if (forPhones && forPhones !== local) {
    lines.push('From another device:', `  ${signInLink(forPhones, debugToken)}`);
  }
  lines.push('', `The shows are kept in ${persistTo}. Ctrl-C ends everything.`, '');
  return lines.join('\n');
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
