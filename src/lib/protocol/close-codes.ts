/** Close codes of a room's socket, in the words of the contract. */
export const CLOSE = {
  malformed: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  unknown: 4404,
  tooFarBehind: 4408,
  ended: 4410,
  flood: 4429,
  tooBig: 1009,
  /** "Service restart" (RFC 6455 registry): a drill cut the socket on purpose, and it may come back at once. */
  comeBack: 1012,
  /** "Internal error" (RFC 6455): a bug of ours; it may come back. */
  failed: 1011,
} as const;
