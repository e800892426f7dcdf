/** What a picture in slides says of itself where it has no figures, or old ones. */
import type { FailureCode } from './api.ts';
import type { Connection } from './room-view.ts';
import { phrase } from '#lib/language/phrase.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';

/** How a picture stands: '' when all is well; `isOver` when it has nothing to show any more. */
export interface Standing {
  words: string;
  isOver: boolean;
}

/** How a picture stands by its connection. */
export function standingWords(connection: Connection): Standing {
  switch (connection.kind) {
    case 'connecting':
    case 'connected':
      return { words: '', isOver: false };
    case 'reconnecting':
    case 'offline':
      return { words: phrase('Not connected: these figures stand still.'), isOver: false };
    case 'ended':
      return { words: phrase('The show is over.'), isOver: false };
    case 'refused':
      return { words: closedWords(connection.code), isOver: true };
  }
}

function closedWords(code: number): string {
  if (code === CLOSE.unauthorized) return refusedWords('UNAUTHORIZED');
  if (code === CLOSE.unknown) return phrase('There is no such show, or it does not sell this.');
  return phrase('The show refused this picture. Load the slide again.');
}

/** Why a show could not be read at all. */
export function refusedWords(code: FailureCode): string {
  switch (code) {
    case 'UNAUTHORIZED':
    case 'FORBIDDEN':
      return phrase('No figures here any more: the code in this address was withdrawn, or not copied whole.');
    default:
      return phrase('Not connected: the show does not answer.');
  }
}
