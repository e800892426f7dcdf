/** Finds cloudflared, which makes the public address of `npm start -- --tunnel`. It is not installed by this project. */
import { findProgram } from './find-program.mjs';
import { Stop } from './stop.mjs';

const DOWNLOADS =
  'https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/downloads/';
/** How it is installed, by Node's name of the system. */
const INSTALLS = new Map([
  ['darwin', 'brew install cloudflared'],
  ['win32', 'winget install --id Cloudflare.cloudflared'],
]);
/** On Linux: its one file by Node's name of the processor, as the project's releases name it. */
const LINUX_FILES = new Map([
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
  ['arm', 'arm'],
  ['ia32', '386'],
]);

/**
 * @param {string} [path] folders as PATH has them; those of this clone's tools are left out
 * @returns {string} its path
 * @throws {Stop} with how to install it. A start that was asked for a public address does not go on without one: the room would be
 * the first to notice.
 */
export function findCloudflared(path) {
  const found = findProgram('cloudflared', path);
  if (found !== undefined) return found;
  throw new Stop(
    `--tunnel needs the program cloudflared, and it is not on PATH. Install it:\n  ${installCommand()}\n` +
      `(other ways: ${DOWNLOADS}), or start without --tunnel.`,
  );
}

/** One line for a shell. @param {string} [platform] @param {string} [arch] */
export function installCommand(platform = process.platform, arch = process.arch) {
  const known = INSTALLS.get(platform);
  if (known !== undefined) return known;
  const file = `https://github.com/cloudflare/cloudflared/releases/latest/download/cloudflared-linux-${LINUX_FILES.get(arch) ?? 'amd64'}`;
  const to = '/usr/local/bin/cloudflared';
  return `sudo curl -fL -o ${to} ${file} && sudo chmod +x ${to}`;
}
