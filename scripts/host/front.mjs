/**
 * Runs inside of the runtime, in front of the Worker: what the edge does for a deployed one. Names the caller's address,
 * hands what is the Worker's to it at once, and everything else to the runtime's router of static files, compressed.
 */

/** @typedef {{ fetch(request: Request, env: any, ctx: any): Response | Promise<Response> }} Handler */

/** Types that the edge compresses, as far as this project serves them. */
const COMPRESSIBLE =
  /^(text\/|application\/(javascript|json|manifest\+json|xml)|image\/svg\+xml|font\/(otf|ttf))/;
/** Stands for a request that cannot be made again, and has nothing of what its sender says of itself. */
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
      // Its host is the Worker's to refuse (`Host: a b`, `OPTIONS *`): what is in front of static files cannot bear it.
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
 * The address to believe. What the caller says of itself counts only from this machine, where it may be a proxy.
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
 * The runtime compresses what says that it is.
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
