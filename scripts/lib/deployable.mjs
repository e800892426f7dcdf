/** Checks a configuration before it is deployed. Pure: texts and names in, sentences out. */

/**
 * The values of wrangler.toml that a deployment depends on.
 * @typedef {{ databaseId: string, namespaceId: string, siteKey: string }} Deployment
 */

/** @param {string} toml text of wrangler.toml @returns {Deployment} empty strings for what is not there */
export function readDeployment(toml) {
  const kv = /^\[\[kv_namespaces\]\]$([^[]*)/m.exec(toml)?.[1] ?? '';
  return {
    databaseId: /^database_id\s*=\s*"([^"]*)"/m.exec(toml)?.[1] ?? '',
    namespaceId: /^id\s*=\s*"([^"]*)"/m.exec(kv)?.[1] ?? '',
    siteKey: /^TURNSTILE_SITE_KEY\s*=\s*"([^"]*)"/m.exec(toml)?.[1] ?? '',
  };
}

/**
 * What keeps a configuration from being deployed.
 * @param {Deployment} deployment
 * @returns {string[]} a sentence for each thing, with the command that mends it
 */
export function configurationProblems({ databaseId, namespaceId, siteKey }) {
  return sentences([
    [
      isBlank(databaseId),
      'wrangler.toml names no real database: run `npx wrangler d1 create revenue-guard-live` and put the id that it prints into database_id.',
    ],
    [
      isBlank(namespaceId),
      'wrangler.toml names no real KV namespace: run `npx wrangler kv namespace create SESSIONS` and put the id that it prints into id under [[kv_namespaces]].',
    ],
    [
      // Turnstile's public test keys (developers.cloudflare.com/turnstile/reference/testing), which pass everybody.
      /^[123]x0+/.test(siteKey),
      "TURNSTILE_SITE_KEY in wrangler.toml is one of Turnstile's public test keys, which let everybody in: use a real one, or leave it empty.",
    ],
  ]);
}

/**
 * Which secrets of a Worker are missing. Only their names can be read; the Worker itself checks the values, and answers every
 * request with a sentence when one is too short.
 * @param {ReadonlySet<string>} names secrets that exist
 * @param {Deployment} deployment
 * @returns {string[]} a sentence for each thing, with the command that mends it
 */
export function secretProblems(names, { siteKey }) {
  const hasSite = siteKey !== '';
  const hasTurnstile = names.has('TURNSTILE_SECRET_KEY');
  return sentences([
    [
      !names.has('SESSION_SECRET'),
      'The secret SESSION_SECRET is missing: run `openssl rand -base64 48 | npx wrangler secret put SESSION_SECRET`.',
    ],
    [
      hasTurnstile && !hasSite,
      'There is a secret TURNSTILE_SECRET_KEY but no TURNSTILE_SITE_KEY in wrangler.toml: Turnstile needs both or neither.',
    ],
    [
      hasSite && !hasTurnstile,
      'TURNSTILE_SITE_KEY is set but its secret is missing: run `npx wrangler secret put TURNSTILE_SECRET_KEY`.',
    ],
    [
      !hasTurnstile && !names.has('DEBUG_TOKEN'),
      'No presenter could sign in: set up Turnstile, or run `openssl rand -base64 32 | npx wrangler secret put DEBUG_TOKEN`.',
    ],
  ]);
}

/** @param {[applies: boolean, sentence: string][]} problems */
function sentences(problems) {
  return problems.flatMap(([applies, sentence]) => (applies ? [sentence] : []));
}

/** @param {string} id */
function isBlank(id) {
  return /^[0-]*$/.test(id);
}
