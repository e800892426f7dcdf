/** Which web origins may speak for a session that rides on a cookie. */

/** True for an http(s) origin in its one written form. */
export function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === text;
}

/** A host as every browser writes it: names in ASCII, IPv6 in brackets, a port. Nothing in it can move what follows. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i;

/** False for a request whose `Host` is missing parts, could be read in two ways, or was sent twice. */
export function namesOneHost(request: Request): boolean {
  if (!URL.canParse(request.url)) return false;
  const { host } = new URL(request.url);
  return HOST.test(host) && HOST.test(request.headers.get('host') ?? host);
}

/** True for a host that only this machine can reach. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

/** What a request's `Origin` header says of it. */
export function originOf(
  request: Request,
  allowedOrigins: readonly string[],
): 'own' | 'allowed' | 'foreign' | 'missing' {
  const origin = request.headers.get('origin');
  if (origin === null) return 'missing';
  if (origin === new URL(request.url).origin) return 'own';
  return allowedOrigins.includes(origin) ? 'allowed' : 'foreign';
}
