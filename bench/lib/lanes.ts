/** Lanes and modes as the contract names them (docs/api.md): the bench knows the server by nothing else. */

/** The lane that a room begins with, and the one that answers later. */
export const SAFE = 'safe';
export const EVENTUAL = 'eventual';
/** Both of them side by side. */
export const BOTH = 'both';
/** Modes of a room that phones can tap in. */
export const MODES = [SAFE, EVENTUAL, BOTH] as const;
