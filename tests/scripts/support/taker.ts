/** Takes over what a dead holder left, again and again; fails when somebody else is inside. */
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { takeLock } from '../../../scripts/lib/lock.mjs';

const [path = '', turns = '0'] = process.argv.slice(2);
for (let taken = 0; taken < Number(turns);) {
  if ('heldBy' in takeLock(path)) continue;
  // Fails when it is there already.
  closeSync(openSync(`${path}.inside`, 'wx'));
  rmSync(`${path}.inside`);
  taken += 1;
  // Not given back: at one stroke it says what the lock of a killed command would.
  writeFileSync(`${path}.dead.${process.pid}`, JSON.stringify({ pid: 1, born: `${process.pid}.${taken}` }));
  renameSync(`${path}.dead.${process.pid}`, path);
}
console.log('took its turns');
