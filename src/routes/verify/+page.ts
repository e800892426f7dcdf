/** Rendered in the browser only, where logs are verified. */
export const ssr = false;
