/** Ports and addresses of this machine. */
import { once } from 'node:events';
import { createServer, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { errorCode, Stop } from './stop.mjs';

/**
 * @param {string} host
 * @param {number} port
 * @returns {Promise<void>} when the port is free
 * @throws {Stop} with the reason when it is not
 */
export async function assertFree(host, port) {
  const reasons = new Map([
    ['EADDRINUSE', `Port ${port} is taken by another program: stop it, or choose another with --port.`],
    ['EACCES', `This user may not listen on port ${port}: choose one above 1023 with --port.`],
    ['EADDRNOTAVAIL', `This machine has no address ${host}: leave --host out, or give one of its own.`],
  ]);
  await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      const reason = reasons.get(errorCode(error));
      reject(reason === undefined ? error : new Stop(reason));
    });
    probe.listen({ host, port, exclusive: true }, () => probe.close(resolve));
  });
}

/** @returns {Promise<number>} a port on which nobody listens now */
export async function freePort() {
  const probe = createServer().listen(0, '0.0.0.0');
  await once(probe, 'listening');
  const address = probe.address();
  if (typeof address !== 'object' || !address) throw new Stop('This machine gave no free port.');
  await new Promise((resolve) => probe.close(resolve));
  return address.port;
}

/**
 * The page's address on this machine, and those that phones in the same network can open.
 * @param {string} host what is listened on
 * @param {number} port
 * @param {NodeJS.Dict<import('node:os').NetworkInterfaceInfo[]>} [interfaces]
 * @returns {{ local: string, network: string[] }}
 */
export function addresses(host, port, interfaces = networkInterfaces()) {
  /** @param {string} name */
  const url = (name) => `http://${isIPv6(name) ? `[${name}]` : name}:${port}`;
  if (host === '0.0.0.0' || host === '::') {
    return { local: url('localhost'), network: reachable(interfaces).map(url) };
  }
  const loopback = host === '::1' || host.startsWith('127.');
  if (loopback) return { local: url(host === '127.0.0.1' ? 'localhost' : host), network: [] };
  return { local: url(host), network: [url(host)] };
}

/** The address of a server of this machine for its own programs. @param {string} host what is listened on @param {number} port */
export function ownUrl(host, port) {
  if (host === '0.0.0.0' || host === '127.0.0.1') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return addresses(host, port).local;
}

/** Bridges of containers and virtual machines: addresses that no phone can open. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|utun|tun|tap|cni|flannel|bridge)/;

/**
 * @param {NodeJS.Dict<import('node:os').NetworkInterfaceInfo[]>} interfaces
 * @returns {string[]} IPv4 addresses, those of real networks first
 */
function reachable(interfaces) {
  const found = Object.entries(interfaces).flatMap(([name, entries]) =>
    (entries ?? [])
      .filter((entry) => entry.family === 'IPv4' && !entry.internal)
      .map((entry) => ({ address: entry.address, virtual: VIRTUAL.test(name) })),
  );
  return found.sort((a, b) => Number(a.virtual) - Number(b.virtual)).map((entry) => entry.address);
}
