/** The protocol's version (`welcome.v`). It grows when a schema or the meaning of an event kind changes. */
export const PROTOCOL_VERSION = 1;
