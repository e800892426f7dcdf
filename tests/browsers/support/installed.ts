/** Which of the other browsers this machine has, and how each is started. */
import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser, Manner } from './browser.ts';
import { startFirefox } from './firefox.ts';
import { startWebkit } from './webkit.ts';

/** A browser that may be tested here. */
export interface Candidate {
  name: 'Firefox' | 'WebKitGTK';
  /** Debian's packages with all of it. */
  packages: string;
  /** Null where something of it is missing. */
  start: ((manner?: Manner) => Promise<Browser>) | null;
}

/** All of them, installed or not. */
export function candidates(): Candidate[] {
  const firefox = found('firefox-esr') ?? found('firefox');
  const driver = found('WebKitWebDriver');
  const display = found('Xvfb');
  const [browser] = globSync('/usr/lib*/{*/,}webkit2gtk-4.[0-9]/MiniBrowser');
  return [
    {
      name: 'Firefox',
      packages: 'firefox-esr',
      start: firefox ? (manner) => startFirefox(firefox, manner) : null,
    },
    {
      name: 'WebKitGTK',
      packages: 'webkit2gtk-driver xvfb',
      start:
        driver && display && browser ? (manner) => startWebkit({ driver, browser, display }, manner) : null,
    },
  ];
}

function found(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
