/** Moments at which a device may have slept or changed its network: the time to look whether the link still lives. */

/** What the transport needs to know of the page it runs in. */
export interface Page {
  isVisible(): boolean;
  /** Calls back when the page may have been away. Returns what ends it. */
  onWake(wake: () => void): () => void;
}

/** The page of this browser. */
export const browserPage: Page = {
  isVisible: () => document.visibilityState === 'visible',
  onWake(wake) {
    const shown = () => {
      if (document.visibilityState === 'visible') wake();
    };
    document.addEventListener('visibilitychange', shown);
    for (const moment of WINDOW_MOMENTS) window.addEventListener(moment, wake);
    return () => {
      document.removeEventListener('visibilitychange', shown);
      for (const moment of WINDOW_MOMENTS) window.removeEventListener(moment, wake);
    };
  },
};

/** `offline` too: it says that something changed, not that the room is out of reach (it may run on this very machine). */
const WINDOW_MOMENTS = ['online', 'offline', 'pageshow'] as const;
