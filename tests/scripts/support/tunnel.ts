/** The stand-in for cloudflared as a program on PATH, and the process behind an address of it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const STAND_IN = fileURLToPath(new URL('./cloudflared.ts', import.meta.url));

/** An address of the stand-in; its group is the process id. */
export const STAND_IN_ADDRESS = /https:\/\/calm-sea-(\d+)\.trycloudflare\.com/;

/** Puts the stand-in into a new folder, under the real one's name. Returns its path. */
export function placeStandIn(folder: string): string {
  mkdirSync(folder);
  const path = join(folder, 'cloudflared');
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${STAND_IN}' "$@"\n`, { mode: 0o755 });
  return path;
}

/** The process that told an address. */
export function processOf(address: string): number {
  const pid = Number(STAND_IN_ADDRESS.exec(address)?.[1]);
  if (!pid) throw new Error(`"${address}" is no address of the stand-in`);
  return pid;
}
