/** The answers of a rehearsal: data, a refusal or a file, in the envelope of the live API. */
import type { ErrorCode, Refusal } from '#lib/domain/codes.ts';
import { ERROR_STATUS } from '#lib/domain/codes.ts';
import { metaOfNoRoom, roomMeta } from '#lib/room/account.ts';
import type { Room } from './room.ts';
import type { Show } from './show.ts';

/** An answer, as a screen gets it. */
export interface CallAnswer {
  status: number;
  type: string;
  text: string;
}

/** What a call comes to. */
export type Result = { data: unknown; status?: number } | { refusal: Refusal } | { file: string };

/** A refusal as a result. */
export function refused(code: ErrorCode, message: string): { refusal: Refusal } {
  return { refusal: { code, message } };
}

/** Puts a result into its envelope, with the figures of the room that was asked, if one was. */
export function envelope(show: Show, room: Room | null, result: Result): CallAnswer {
  if ('file' in result)
    return { status: 200, type: 'application/x-ndjson; charset=utf-8', text: result.file };
  const figures = room ? roomMeta(room.core.memory) : metaOfNoRoom(show.config);
  const meta = { requestId: `rehearsal-${show.schedule.nowMs}`, timestamp: show.now, ...figures };
  const type = 'application/json';
  if ('data' in result) {
    const { data, status = 200 } = result;
    return { status, type, text: JSON.stringify({ success: true, data, meta }) };
  }
  const { refusal: error } = result;
  return { status: ERROR_STATUS[error.code], type, text: JSON.stringify({ success: false, error, meta }) };
}
