/** Texts in a browser: English is part of the page, German is fetched by those who read it. */
import toRuntime from 'wuchale/runtime';
import type { CatalogModule, Runtime } from 'wuchale/runtime';

/** One group of texts. The build replaces each text in the sources by a call of one of the first two. */
export interface Texts {
  getRuntime(this: void): Runtime;
  getRuntimeRx(this: void): Runtime;
  /** Fetches the German texts and resolves to what switches to them, or back; rejects when they cannot be fetched. */
  german(this: void): Promise<Switch>;
}

/** Switches one group of texts to German, or to English. */
export type Switch = (isGerman: boolean) => void;

/** The look-up of one group: English until German was fetched and switched to. */
export function texts(english: CatalogModule, fetchGerman: () => Promise<CatalogModule>): Texts {
  const spoken = toRuntime(english, 'en');
  let current = spoken;
  const getRuntime = () => current;
  return {
    getRuntime,
    getRuntimeRx: getRuntime,
    german: async () => {
      const fetched = toRuntime(await fetchGerman(), 'de');
      return (isGerman) => (current = isGerman ? fetched : spoken);
    },
  };
}
