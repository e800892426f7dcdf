/** Nothing of it comes from a server: built ahead, and kept by the service worker. */
export const prerender = true;
