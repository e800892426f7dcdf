/** The version that `welcome` announces. Bump it when a schema or the meaning of an event kind changes. */
export const PROTOCOL_VERSION = 1;
