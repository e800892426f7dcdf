/**
 * Runs in the Worker's isolate in front of it and does what Cloudflare's edge does for a deployed Worker: sets the caller's
 * address, sends the Worker's own paths to it, and everything else to the router of static files, compressed.
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
      const asked = withAddress(request);
      if (router === null || workerFirst.some((start) => pathname.startsWith(start))) {
        return worker.fetch(asked, env, ctx);
      }
      return compressed(await env[router].fetch(asked), request.headers.get('accept-encoding'));
    },
  };
}

/**
 * The caller's address. The caller's own CF-Connecting-IP is believed only from this machine, where it may be a proxy.
 * @param {string} remote `address:port` of the connection, IPv6 in brackets
 * @param {string | null} said the caller's own CF-Connecting-IP
 * @returns {string}
 */
export function addressOf(remote, said) {
  const address = remote
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/, '');
  return said !== null && LOOPBACK.test(address) ? said : address;
}

/** @param {Request} request */
function hasAddress({ url }) {
  return URL.canParse(url) && /^https?:\/\/[\w.:[\]-]+\//.test(url);
}

/** @param {Request} request */
function withAddress(request) {
  const { clientIp } = /** @type {{ cf?: { clientIp?: string } }} */ (request).cf ?? {};
  if (clientIp === undefined) return request;
  const headers = new Headers(request.headers);
  headers.set('CF-Connecting-IP', addressOf(clientIp, headers.get('CF-Connecting-IP')));
  return new Request(request, { headers });
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
