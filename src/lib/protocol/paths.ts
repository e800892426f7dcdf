/** Addresses of the public contract. */

/** Where the HTTP API lives. */
export const API = '/api';
/** Name of the room of one show and one SKU. */
export function roomName(show: string, skuId: string): string {
  return `${show}.${skuId}`;
}
/** Path of a room's socket. */
export function roomPath(show: string, skuId: string): string {
  return `/parties/room/${roomName(show, skuId)}`;
}
