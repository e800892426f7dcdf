import { createServer } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { banner, signInLink, tunnelNotice } from '../../scripts/lib/banner.mjs';
import { addresses, assertFree } from '../../scripts/lib/network.mjs';
import { refusal } from '../../scripts/lib/server.mjs';

const entry = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  internal,
  family: 'IPv4',
  netmask: '255.255.255.0',
  mac: '00:00:00:00:00:00',
  cidr: null,
});
const interfaces = {
  docker0: [entry('172.17.0.1')],
  lo: [entry('127.0.0.1', true)],
  wlan0: [entry('192.168.1.5')],
};

describe('what a start prints', () => {
  it('has the address of this machine and those of the network, real networks first', () => {
    expect(addresses('0.0.0.0', 8787, interfaces)).toEqual({
      local: 'http://localhost:8787',
      network: ['http://192.168.1.5:8787', 'http://172.17.0.1:8787'],
    });
  });

  it('has no address for phones on a loopback host, and says so', () => {
    expect(addresses('127.0.0.1', 8787, interfaces).network).toEqual([]);
    const text = banner({ ...PRINTED, host: '127.0.0.1' });
    expect(text).toContain('Phones cannot reach this address');
    expect(text).not.toContain('QR of');
  });

  it('carries the token in the fragment alone', () => {
    const link = new URL(signInLink('http://localhost:8787', 'a b&c'));
    expect(link.pathname + link.search).toBe('/');
    expect(new URLSearchParams(link.hash.slice(1)).get('signin')).toBe('a b&c');
  });

  it('draws the QR code of an address without the token', () => {
    const text = banner({ ...PRINTED, host: '192.168.1.5' });
    expect(text).toContain('QR of http://192.168.1.5:8787\n');
    expect(text).toContain('http://192.168.1.5:8787/#signin=secret');
  });
});

describe('the engines of a start', () => {
  const vars = { POSTGRES_URL: 'postgres://user:hidden@127.0.0.1:1/postgres' };
  const running = [
    { name: 'postgres' as const, title: 'PostgreSQL', label: 'REAL ENGINE', vars, ports: { 0: 1 } },
  ];
  const missing = [
    {
      name: 'redis' as const,
      title: 'Redis',
      why: 'it is\nnot on PATH.',
      how: 'apt-get install redis-server',
    },
  ];
  const text = banner({ ...PRINTED, engines: { running, missing, elsewhere: ['DynamoDB'] } });

  it('are printed with what they are, without a secret', () => {
    expect(text).toMatch(/PostgreSQL +runs here \(REAL ENGINE\)/);
    expect(text).toMatch(/DynamoDB +is where its variables say \(YOUR ENDPOINT\)/);
    expect(text).not.toContain('hidden');
  });

  it('that are missing are printed with the reason and the command that brings them', () => {
    expect(text).toMatch(/Redis +is missing: it is\\u\{a\}not on PATH\.\n +apt-get install redis-server\n/);
  });

  it('are not mentioned by a start that was asked for none', () => {
    expect(banner(PRINTED)).not.toContain('PostgreSQL');
  });
});

describe('a public address', () => {
  const address = 'https://calm-sea.trycloudflare.com';

  it('is printed beside the others, and is what the QR code and the link for another device say', () => {
    const text = banner({ ...PRINTED, host: '127.0.0.1', tunnel: { address, reason: '' } });
    expect(text).toContain(`From anywhere     ${address}`);
    expect(text).toContain(`QR of ${address}\n`);
    expect(text).toContain(`${address}/#signin=secret`);
    expect(text).not.toContain('Phones cannot reach');
  });

  it('that is missing is said with the reason', () => {
    const text = banner({ ...PRINTED, tunnel: { address: null, reason: 'no such host' } });
    expect(text).toMatch(/no public address now, .* no such host/);
  });

  it('that changes is printed anew, with its QR code', () => {
    expect(tunnelNotice({ address, reason: '' }, PRINTED)).toContain(`QR of ${address}\n`);
    expect(tunnelNotice({ address: null, reason: 'gone' }, PRINTED)).toContain('gone');
  });
});

describe('a port that is taken', () => {
  it('gets one sentence that names it', async () => {
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, '0.0.0.0', () => {
        const at = holder.address();
        resolve(typeof at === 'object' && at ? at.port : 0);
      });
    });
    await expect(assertFree('0.0.0.0', port)).rejects.toThrow(`Port ${port} is taken`);
    await new Promise((resolve) => holder.close(resolve));
    await expect(assertFree('0.0.0.0', port)).resolves.toBeUndefined();
  });

  it('is told from an address that this machine does not have', async () => {
    await expect(assertFree('203.0.113.77', 40_123)).rejects.toThrow('has no address 203.0.113.77');
  });
});

describe('a server that refuses its configuration', () => {
  it.each([
    [
      '{"success":false,"error":{"code":"X","message":"RACE_WINDOW_MS must be a number."}}',
      'RACE_WINDOW_MS must be a number.',
    ],
    ['SESSION_SECRET is missing.\nmore', 'SESSION_SECRET is missing.'],
    ['<html>', 'The server answers every request with 500.'],
    ['', 'The server answers every request with 500.'],
  ])('is quoted: %s', (body, sentence) => {
    expect(refusal(body, 500)).toBe(sentence);
  });
});

const PRINTED = {
  host: '0.0.0.0',
  port: 8787,
  persistTo: 'shows',
  debugToken: 'secret',
  drawQr: (text: string) => `QR of ${text}\n`,
  colour: false,
};
