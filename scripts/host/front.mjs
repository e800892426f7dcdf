/**
 * Runs in the Worker's isolate in front of it and does what Cloudflare's edge does for a deployed Worker: sets the caller's
 * address, sends the Worker's own paths to it, and everything else to the router of static files, compressed. What a proxy says
 * of its caller is believed only from this machine: cloudflared connects from here, and Cloudflare's edge sets both headers
 * over whatever the visitor sent. Whoever else connects from here could open the show's files too.
 */

/** @typedef {{ fetch(request: Request, env: any, ctx: any): Response | Promise<Response> }} Handler */

/** Content types that Cloudflare's edge compresses, of those that this project serves. */
const COMPRESSIBLE =
  /^(text\/|application\/(javascript|json|manifest\+json|xml)|image\/svg\+xml|font\/(otf|ttf))/;
/** In place of a request that cannot be constructed anew; it has none of its sender's headers. */
const HOSTLESS = new Request('http://nowhere.invalid/', { headers: { host: '?' } });
const LOOPBACK = /^(127\.|::1$)/;

/**
 * @param {Handler} worker
 * @param {object} options
 * @param {string | null} options.router name of the binding that looks for static files first and asks the Worker then
 * @param {string[]} options.workerFirst beginnings of paths that are the Worker's alone
 * @returns {Handler}
 */
export function frontOf(worker, { router, workerFirst }) {
  return {
    async fetch(request, env, ctx) {
      // An invalid host (`Host: a b`, `OPTIONS *`) is for the Worker to refuse: the router of static files throws on it.
      if (!hasAddress(request)) return worker.fetch(HOSTLESS, env, ctx);
      const { pathname } = new URL(request.url);
      const asked = asVisited(request);
      if (router === null || workerFirst.some((start) => pathname.startsWith(start))) {
        return worker.fetch(asked, env, ctx);
      }
      return compressed(await env[router].fetch(asked), request.headers.get('accept-encoding'));
    },
  };
}

/**
 * The caller's address, and whether the caller speaks https.
 * @param {string} remote `address:port` of the connection, IPv6 in brackets
 * @param {Headers} said the caller's own headers
 * @returns {{ address: string, isSecure: boolean }}
 */
export function visitorOf(remote, said) {
  const address = remote
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/, '');
  if (!LOOPBACK.test(address)) return { address, isSecure: false };
  const protocol = said.get('X-Forwarded-Proto');
  // Who was brought by a proxy that does not name them is not taken for somebody at this machine.
  const unnamed = protocol === null ? address : 'unknown';
  return { address: said.get('CF-Connecting-IP') ?? unnamed, isSecure: protocol === 'https' };
}

/** @param {Request} request */
function hasAddress({ url }) {
  return URL.canParse(url) && /^https?:\/\/[\w.:[\]-]+\//.test(url);
}

/** The request as its visitor sent it: an https origin is its own, and its cookies are `Secure`. @param {Request} request */
function asVisited(request) {
  const { clientIp } = /** @type {{ cf?: { clientIp?: string } }} */ (request).cf ?? {};
  if (clientIp === undefined) return request;
  const headers = new Headers(request.headers);
  const { address, isSecure } = visitorOf(clientIp, headers);
  headers.set('CF-Connecting-IP', address);
  const asked = new Request(request, { headers });
  return isSecure ? new Request(asked.url.replace(/^http:/, 'https:'), asked) : asked;
}

/**
 * Sets Content-Encoding, by which the runtime compresses the body.
 * @param {Response} response
 * @param {string | null} accepted
 */
function compressed(response, accepted) {
  const { body, headers } = response;
  if (body === null || headers.has('content-encoding') || !/\bgzip\b/.test(accepted ?? '')) return response;
  if (!COMPRESSIBLE.test(headers.get('content-type') ?? '')) return response;
  const packed = new Response(body, response);
  packed.headers.set('Content-Encoding', 'gzip');
  return packed;
}
