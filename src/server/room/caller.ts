/** Reads the caller that the Worker hands over when it opens a socket. */
import * as v from 'valibot';
import { ROLES } from '#lib/protocol/http.ts';
import { decodeText } from '../sessions/base64url.ts';
import type { Caller } from './port.ts';

const caller = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    sessionId: v.string(),
    role: v.picklist(ROLES),
    label: v.string(),
    expiresAt: v.number(),
    ipHash: v.string(),
  }),
);

/** The caller in a header's value; null when there is none. */
export function readCaller(header: string | null): Caller | null {
  const parsed = v.safeParse(caller, header === null ? null : decodeText(header));
  return parsed.success ? parsed.output : null;
}
