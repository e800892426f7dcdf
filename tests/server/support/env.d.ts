import type { D1Migration } from 'cloudflare:test';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the platform's own place for this type
  namespace Cloudflare {
    interface Env {
      TEST_MIGRATIONS?: D1Migration[];
    }
  }
}
