/** A file verified in a test, and what was found in it. */
import { hash } from 'node:crypto';
import type { Receipts } from '#lib/verify/receipts-file.ts';
import type { Verification } from '#lib/verify/verification.ts';
import { Verifier } from '#lib/verify/verifier.ts';
import { fileOf } from './export.ts';

/** Verifies bytes, or the file that lines make. */
export function verified(file: Uint8Array | readonly string[], receipts?: readonly Receipts[]): Verification {
  const verifier = new Verifier({
    sha256: (text) => hash('sha256', text, 'hex'),
    ...(receipts ? { receipts } : {}),
  });
  verifier.push(file instanceof Uint8Array ? file : fileOf(file));
  return verifier.finish();
}

/** `line N: check`, the first thing that is wrong; `holds` when nothing is. */
export function firstWrong({ ok, first, refusal }: Verification): string {
  if (ok) return 'holds';
  return first
    ? `line ${first.line}: ${first.check}`
    : `refused at line ${refusal?.line}: ${refusal?.reason}`;
}
