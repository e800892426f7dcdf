/** The pre-flight check's judgement of the hall: what is seen there, who can join, and how long. */
import { phrase } from '#lib/language/phrase.ts';
import { isOwnMachine } from './secret-links.ts';
import type { Judged, PreflightFindings } from './preflight-findings.ts';
import { bad, good, look, tenthOf, waiting } from './preflight-findings.ts';
import { countdown } from './words.ts';

/** A show of six steps takes about this long, milliseconds. */
const SHOW_MS = 900_000;
/** A session that ends with the show, by the clocks of two machines, milliseconds. */
const SAME_MS = 1_000;

/** The stage is drawn for 1920 × 1080; below this its smallest text is no longer what was meant. */
const STAGE = { width: 1_280, height: 720 };

/** The size of this window. */
export function screenOf({ screen }: PreflightFindings): Judged {
  const { width, height, pixelRatio } = screen;
  const found = phrase(
    `this window has ${width} × ${height} px at ${tenthOf(pixelRatio)} device pixels each`,
  );
  if (width >= STAGE.width && height >= STAGE.height) return good(found);
  const fix = phrase(
    `For the projector use a window of at least ${STAGE.width} × ${STAGE.height}. As a remote, this one will do.`,
  );
  return look(found, fix);
}

/** What the presenter said of the test picture. */
export function projectorOf({ readable }: PreflightFindings): Judged {
  if (readable === true) return good(phrase('you said that it can be read from the back'));
  if (readable === false) {
    const fix = phrase(
      'Dim the light on the screen, raise the projector’s contrast, or switch the system to light colours.',
    );
    return bad(phrase('you said that it cannot be read'), fix);
  }
  const fix = phrase(
    'Show the test picture below on the projector, look at it from the last row, and say what you see.',
  );
  return look(phrase('no machine can tell'), fix);
}

/** The address that phones would open. */
export function addressOf({ place }: PreflightFindings): Judged {
  if (!isOwnMachine(place.hostname)) return good(place.host);
  const fix = phrase(
    `Phones cannot reach ${place.hostname}: start with --host 0.0.0.0, as npm start does by itself, and open the address that it prints for the local network.`,
  );
  return bad(phrase(`${place.host} is this computer alone`), fix);
}

/** Phones in the room. */
export function phonesOf({ room, socket }: PreflightFindings): Judged {
  if (room.phones === null && socket && !socket.ok) {
    return bad(phrase('not known: there was no connection'), phrase('Fix the connection first.'));
  }
  if (room.phones === null) return waiting();
  if (room.phones > 0) return good(phrase(`${room.phones} in the room now`));
  return look(phrase('none yet'), phrase('Join with your own phone: scan the code below.'));
}

/** What is left of the show, as the notes say it, and of this presenter's session where that ends before. */
export function timeOf({ remainingMs, showLeftMs }: PreflightFindings): Judged {
  const isOut = showLeftMs - remainingMs > SAME_MS;
  const found = isOut
    ? phrase(`the show ends in ${countdown(showLeftMs)}, your session in ${countdown(remainingMs)}`)
    : phrase(`the show ends in ${countdown(showLeftMs)}`);
  if (remainingMs >= SHOW_MS) return good(found);
  if (remainingMs <= 0) return bad(phrase('your session has ended'), phrase('Sign in again at the door.'));
  return look(found, phrase('Renew it now, so that it lasts for the whole show.'));
}
