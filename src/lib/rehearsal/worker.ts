/** The shared worker that hosts this browser's rehearsals: no window's closing ends them, and no hidden tab slows them down. */
import { Host } from './host.ts';
import type { HostLine } from './host.ts';
import { browserPace } from './pace.ts';

const host = new Host(browserPace, () => Date.now());

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port) host.serve(port as HostLine);
});
