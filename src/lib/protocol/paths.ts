/** Paths of the public contract. */

/** Prefix of every HTTP call. */
export const API = '/api';
/** Name of a room, `CODE.skuId`: the Durable Object's name and the last part of its socket's path. */
export function roomName(show: string, skuId: string): string {
  return `${show}.${skuId}`;
}
/** Path of a room's WebSocket. */
export function roomPath(show: string, skuId: string): string {
  return `/parties/room/${roomName(show, skuId)}`;
}
