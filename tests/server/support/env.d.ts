import type { D1Migration } from 'cloudflare:test';

declare global {
  namespace Cloudflare {
    interface Env {
      TEST_MIGRATIONS?: D1Migration[];
      OLD_STATES?: { name: string; room: string; database: string; told: string }[];
    }
  }
}
