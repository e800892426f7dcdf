/**
 * A hostile site: the same host on another port. That is another origin but the same site, so that even SameSite cookies
 * come along: the strongest position that a page of somebody else can have.
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves a page on a port of its own, and keeps in `stolen` whatever reaches it beside. */
export class OtherOrigin {
  /** Its address, beside the site under attack. */
  readonly url: string;
  /** What arrived there beside the reading of its own page. */
  readonly stolen: string[] = [];
  readonly #server: Server;

  private constructor(server: Server, site: string) {
    this.#server = server;
    this.url = site.replace(/:\d+$/, `:${(server.address() as AddressInfo).port}`);
    server.on('request', ({ url = '' }, response) => {
      if (!['/', '/favicon.ico'].includes(url)) this.stolen.push(url);
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>hostile</title>');
    });
  }

  /** Opens beside the site of this address. */
  static async beside(site: string): Promise<OtherOrigin> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OtherOrigin(server, site);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
