/** The texts of one group on the server, where requests of several languages are answered side by side. */
import { AsyncLocalStorage } from 'node:async_hooks';
import toRuntime from 'wuchale/runtime';
import type { CatalogModule, Runtime } from 'wuchale/runtime';
import type { Language } from './language.ts';

const answering = new AsyncLocalStorage<Language>();

/** Answers in a language: every text that is looked up meanwhile is in it. */
export function inLanguage<T>(language: Language, answer: () => T): T {
  return answering.run(language, answer);
}

/** Looks texts up in the language that is answered in; English outside of any answer. */
export function textsOfRequest(english: CatalogModule, german: CatalogModule) {
  const runtimes: Record<Language, Runtime> = {
    en: toRuntime(english, 'en'),
    de: toRuntime(german, 'de'),
  };
  const getRuntime = () => runtimes[answering.getStore() ?? 'en'];
  return { getRuntime, getRuntimeRx: getRuntime };
}
