/** A room as a picture in somebody's slides sees it: read by the show's embed code, without cookie, session or act. */
import { EMBED_PROTOCOL, embedToken } from '#lib/protocol/embed.ts';
import type { EmbedStatus } from '#lib/protocol/embed.ts';
import { roomPath } from '#lib/protocol/paths.ts';
import { request } from './api.ts';
import type { ApiResult } from './api.ts';
import { LiveHistory } from './live-history.ts';
import { LiveRoom } from './live-room.svelte.ts';
import { download } from './presenter-api.ts';
import { socketTransport } from './socket.ts';

/** What only whoever has the code may ask. */
export interface EmbedReader {
  /** What the show sells; refused when the code is not good. */
  status(): Promise<ApiResult<EmbedStatus>>;
  /** The room of a product; {@link EmbedRoom.close} it when its page goes. */
  room(skuId: string): EmbedRoom;
}

/** A room that is read, and its history. */
export interface EmbedRoom {
  room: LiveRoom;
  history: LiveHistory;
  close(): void;
}

/** Reads a show by its code. */
export function embedReader(
  show: string,
  code: string,
  fetcher: typeof fetch = (...asked) => fetch(...asked),
): EmbedReader {
  const token = embedToken(show, code);
  const headers = { authorization: `Bearer ${token}` };
  return {
    status: () => request<EmbedStatus>(fetcher, null, '/auth/embed', { headers }),
    room: (skuId) => {
      const room = new LiveRoom({
        show,
        skuId,
        role: 'participant',
        connect: socketTransport({
          path: roomPath(show, skuId),
          role: 'participant',
          protocols: [EMBED_PROTOCOL, token],
        }),
      });
      const history = new LiveHistory({
        onEvents: (listener) => room.onEvents(listener),
        log: async () => {
          const path = `/demo/log?skuId=${encodeURIComponent(skuId)}`;
          const log = await download(fetcher, null, path, { headers });
          return log.ok ? log.data.text() : null;
        },
      });
      return {
        room,
        history,
        close: () => {
          room.close();
          history.close();
        },
      };
    },
  };
}
