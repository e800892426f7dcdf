/** `GET /api/health`: that this site is set up, and where the public finds it when that is not where it was asked. */
import * as v from 'valibot';
import type { HealthResult } from '#lib/protocol/http.ts';
import manifest from '../../../package.json' with { type: 'json' };
import type { Env } from '../env.ts';
import type { RequestContext } from '../request-context.ts';
import { answer } from './envelope.ts';

const address = v.nullable(v.string());

/** Answers; `publicAddress` is there only behind a local server's tunnel, and null while that is down. */
export async function getHealth(context: RequestContext): Promise<Response> {
  const { PUBLIC_ADDRESS } = context.env;
  return answer<HealthResult>(context, {
    ok: true,
    version: manifest.version,
    ...(PUBLIC_ADDRESS && { publicAddress: await askAddress(PUBLIC_ADDRESS) }),
  });
}

async function askAddress(host: NonNullable<Env['PUBLIC_ADDRESS']>): Promise<string | null> {
  const said = await host.fetch('http://host/public-address');
  return v.parse(address, await said.json());
}
