/** What a browser of any make can be asked for: both protocols, WebDriver and WebDriver BiDi, have all of it. */

/** One source of input and what it does, as the WebDriver standard's "perform actions" takes it. */
export type InputSource = Readonly<Record<string, unknown>>;

/** A window. */
export interface BrowserWindow {
  goto: (url: string) => Promise<void>;
  reload: () => Promise<void>;
  /** To the page before; does not wait until it is there. */
  back: () => Promise<void>;
  /** Evaluates an expression in the page; a promise is awaited. Its value, as JSON; undefined is null. */
  evaluate: (expression: string) => Promise<unknown>;
  perform: (sources: readonly InputSource[]) => Promise<void>;
  /** A PNG in base64. */
  picture: () => Promise<string>;
}

/** How its owner has set it. */
export interface Manner {
  /** True: it lets no page keep a cookie; Firefox lets it store nothing at all then. */
  refusesCookies?: boolean;
}

/** A browser that runs, with a profile of its own that is empty at first. */
export interface Browser {
  version: string;
  /** Opens a window of its own beside the others, so that all of them are drawn. */
  open: (size: { width: number; height: number }) => Promise<BrowserWindow>;
  /** Errors and warnings of its console since the last time it was asked, of all windows. */
  complaints: () => string[];
  end: () => Promise<void>;
}
