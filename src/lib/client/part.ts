/**
 * Loads parts of a page on demand. A part that fails to load is requested again; one that is gone because the site was deployed
 * anew reloads the page, which unanswered ops survive (`outbox.ts`).
 */

/** Says whether the site was built anew since this page was loaded. */
let isOutdated: () => Promise<boolean> = () => Promise.resolve(false);

/** Tells how to find out. For the layout of all pages. */
export function findOutdatedBy(ask: () => Promise<boolean>): void {
  isOutdated = ask;
}

/**
 * What `load` imports. Rejects as it does, unless the page is being loaded again. `isAgain`: somebody asked a second time, and
 * some browsers remember that a file did not come; then the page is loaded again as soon as there is a site to load it from.
 */
export async function fetchPart<T>(load: () => Promise<T>, isAgain = false): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(await mayReload(isAgain))) throw error;
    location.reload();
    return new Promise(() => {});
  }
}

async function mayReload(isAgain: boolean): Promise<boolean> {
  try {
    return (await isOutdated()) || (isAgain && (await fetch(location.href, { method: 'HEAD' })).ok);
  } catch {
    return false;
  }
}
