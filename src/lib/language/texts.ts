/** The texts of one group in a browser: English is part of the page, German is fetched by those who read it. */
import toRuntime from 'wuchale/runtime';
import type { CatalogModule, Runtime } from 'wuchale/runtime';

/** A group of texts. The build writes calls of the first two where its texts stand in the sources. */
export interface Texts {
  getRuntime(this: void): Runtime;
  getRuntimeRx(this: void): Runtime;
  /** Fetches the German ones; what it resolves to makes them the page's. Rejects when they cannot be fetched. */
  german(this: void): Promise<() => void>;
}

/** English until German was fetched. */
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
