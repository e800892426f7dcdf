/** Texts on the server, where requests in several languages are answered at the same time. */
import { AsyncLocalStorage } from 'node:async_hooks';
import toRuntime from 'wuchale/runtime';
import type { CatalogModule, Runtime } from 'wuchale/runtime';
import type { Language } from './language.ts';

const answering = new AsyncLocalStorage<Language>();

/** Runs `answer`; every text that is looked up while it runs, also after an await, is in `language`. */
export function inLanguage<T>(language: Language, answer: () => T): T {
  return answering.run(language, answer);
}

/** The look-up of one group: in the language of {@link inLanguage}, English outside of it. */
export function textsOfRequest(english: CatalogModule, german: CatalogModule) {
  const runtimes: Record<Language, Runtime> = {
    en: toRuntime(english, 'en'),
    de: toRuntime(german, 'de'),
  };
  const getRuntime = () => runtimes[answering.getStore() ?? 'en'];
  return { getRuntime, getRuntimeRx: getRuntime };
}
