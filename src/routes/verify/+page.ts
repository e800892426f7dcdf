/** Nothing of a log is looked at anywhere but in the browser. */
export const ssr = false;
