import { describe, expect, it } from 'vitest';
import { chooseNode, refuseOldNode } from '../../scripts/lib/node.mjs';

const own = { path: 'own', version: '24.21.0' };

describe('the Node of the tools', () => {
  it('is the one that the project brings, when it is there', () => {
    expect(chooseNode(own, { path: 'machine', version: '26.0.0' })).toBe('own');
    expect(chooseNode(own, { path: 'machine', version: '20.0.0' })).toBe('own');
  });

  it("is the machine's where the project brings none and it is new enough", () => {
    expect(chooseNode(undefined, { path: 'machine', version: '22.17.0' })).toBe('machine');
    expect(chooseNode(undefined, { path: 'machine', version: '100.0.0' })).toBe('machine');
  });

  it.each(['20.20.2', '22.9.0', '22.16.9'])('is refused in one sentence when there is only %s', (version) => {
    expect(() => chooseNode(undefined, { path: 'machine', version })).toThrow(
      /22\.17\.0 or newer is needed .*\.$/,
    );
  });

  it('is refused before anything is installed, except where an own one will come', () => {
    const old = { path: 'machine', version: '20.20.2' };
    expect(() => refuseOldNode({ ...old, platform: 'darwin', arch: 'arm64' })).toThrow(/this is 20\.20\.2/);
    expect(() => refuseOldNode({ ...old, platform: 'linux', arch: 'arm64' })).toThrow();
    expect(() => refuseOldNode({ ...old, platform: 'linux', arch: 'x64' })).not.toThrow();
  });
});
