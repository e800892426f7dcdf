/** Loaded into the command: the names of deployed sites lead to the stand-in, as public DNS would lead to Cloudflare. */
const standIn = process.env['STAND_IN'] ?? '';
const reach = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const { hostname, pathname } = new URL(String(input instanceof Request ? input.url : input));
  const isSite = hostname.endsWith('.workers.dev') || hostname.endsWith('.example.com');
  return isSite ? reach(`${standIn}/site/${hostname}${pathname}`, init) : reach(input, init);
};
