/**
 * Close codes of a room's socket; docs/api.md says when each is sent. Codes from 4000 on are this project's own, the others
 * are registered (RFC 6455, section 7.4, and the IANA WebSocket close code registry).
 */
export const CLOSE = {
  malformed: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  unknown: 4404,
  tooFarBehind: 4408,
  ended: 4410,
  flood: 4429,
  tooBig: 1009,
  /** "Service restart": a drill or a restart cut the socket; a client may reconnect at once. */
  comeBack: 1012,
  /** "Internal error": a bug of ours; a client may reconnect. */
  failed: 1011,
} as const;
