/** A server whose folder is known: its database can be read beside it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host } from './host.ts';

/** A running server, and the folder in which everything of it lies. */
export interface KnownHost {
  host: Host;
  folder: string;
  /** Ends the server and removes the folder. */
  end: () => Promise<void>;
}

/** Starts a server. It makes its own folder among the temporary ones: here these are a folder of this run's. */
export async function openHost(vars?: ReadonlyMap<string, string>): Promise<KnownHost> {
  const folder = mkdtempSync(join(tmpdir(), 'revenue-guard-faults-'));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    const host = await Host.open({ vars });
    const end = async () => {
      await host.end();
      rmSync(folder, { recursive: true, force: true });
    };
    return { host, folder, end };
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}
