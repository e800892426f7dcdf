/** Prerendered, because it needs nothing from a server; the service worker keeps it. */
export const prerender = true;
