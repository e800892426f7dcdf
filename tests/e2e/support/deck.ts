/** Somebody's slides: reveal.js as npm has it, served by a server of their own, on another port than the show's. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
};
const REVEAL = dirname(dirname(fileURLToPath(import.meta.resolve('reveal.js'))));

/** Slides behind an address, until they are closed. */
export class Deck {
  readonly #server: Server;
  readonly #host: string;

  private constructor(server: Server, host: string) {
    this.#server = server;
    this.#host = host;
  }

  /** Serves slides at the host by which the show is reached, too: `slides` are the HTML of their sections. */
  static async serves(host: string, slides: (theme: string) => string): Promise<Deck> {
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://deck');
      const theme = searchParams.get('theme') ?? 'white';
      void (async () => {
        if (pathname === '/') {
          return response.setHeader('content-type', 'text/html').end(page(theme, slides(theme)));
        }
        const file = join(REVEAL, normalize(pathname));
        try {
          const body = await readFile(file);
          response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream').end(body);
        } catch {
          response.writeHead(404).end();
        }
      })();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Deck(server, host);
  }

  /** Address of the slides in a theme of reveal.js, white or black. */
  url(theme = 'white'): string {
    return `http://${this.#host}:${(this.#server.address() as AddressInfo).port}/?theme=${theme}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function page(theme: string, slides: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Slides of somebody</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/dist/reveal.css" />
    <link rel="stylesheet" href="/dist/theme/${theme}.css" />
    <style>
      .live { width: 960px; height: 540px; border: 0; color-scheme: ${theme === 'white' ? 'light' : 'dark'}; }
      .reveal .slides section { padding: 0; }
    </style>
  </head>
  <body>
    <div class="reveal"><div class="slides">${slides}</div></div>
    <script type="module">
      import Reveal from '/dist/reveal.mjs';
      await Reveal.initialize({ width: 1280, height: 720, transition: 'none', hash: false });
      Object.assign(window, { Reveal });
      document.body.dataset.ready = '';
    </script>
  </body>
</html>`;
}
