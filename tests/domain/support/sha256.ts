/** SHA-256 as the room's runtime has it. */
import { hash } from 'node:crypto';

/** Lower-case hex of the SHA-256 of a text's UTF-8 bytes. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}
