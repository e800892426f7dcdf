/** Texts in a browser: English is part of the page, German is fetched by those who read it. */
import toRuntime from 'wuchale/runtime';
import type { CatalogModule, Runtime } from 'wuchale/runtime';

/** One group of texts. The build replaces each text in the sources by a call of one of the first two. */
export interface Texts {
  getRuntime(this: void): Runtime;
  getRuntimeRx(this: void): Runtime;
  /** Fetches the German texts and resolves to the function that switches to them; rejects when they cannot be fetched. */
  german(this: void): Promise<() => void>;
}

/** The look-up of one group: English until German was fetched and switched to. */
export function texts(english: CatalogModule, fetchGerman: () => Promise<CatalogModule>): Texts {
  let current = toRuntime(english, 'en');
  const getRuntime = () => current;
  return {
    getRuntime,
    getRuntimeRx: getRuntime,
    german: async () => {
      const fetched = toRuntime(await fetchGerman(), 'de');
      return () => (current = fetched);
    },
  };
}
