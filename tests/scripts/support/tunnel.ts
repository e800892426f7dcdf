/** The stand-in for cloudflared as a program on PATH, and the process behind an address of it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const STAND_IN = fileURLToPath(new URL('./cloudflared.ts', import.meta.url));

/** An address of the stand-in; its group is the process id. */
export const STAND_IN_ADDRESS = /https:\/\/calm-sea-(\d+)\.trycloudflare\.com/;

/**
 * Puts the stand-in into a folder, under the real one's name; it does what `does` says, or else its environment. Returns its path.
 */
export function placeStandIn(folder: string, does?: 'well'): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'cloudflared');
  const told = does === undefined ? '' : `CLOUDFLARED_IS=${does} `;
  writeFileSync(path, `#!/bin/sh\n${told}exec '${process.execPath}' '${STAND_IN}' "$@"\n`, { mode: 0o755 });
  return path;
}

/** The process that told an address. */
export function processOf(address: string): number {
  const pid = Number(STAND_IN_ADDRESS.exec(address)?.[1]);
  if (!pid) throw new Error(`"${address}" is no address of the stand-in`);
  return pid;
}
