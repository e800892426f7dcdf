/** Checks a configuration before it is deployed. Pure: texts and names in, sentences out. */

/**
 * The values of wrangler.toml that a deployment depends on.
 * @typedef {{ databaseId: string, namespaceId: string, siteKey: string }} Deployment
 */

/**
 * @param {string} toml text of wrangler.toml
 * @returns {Deployment} empty strings for what is not there
 */
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
  const problems = [];
  if (isBlank(databaseId)) {
    problems.push(
      'wrangler.toml names no real database: run `npx wrangler d1 create revenue-guard-live` and put the id that it prints into database_id.',
    );
  }
  if (isBlank(namespaceId)) {
    problems.push(
      'wrangler.toml names no real KV namespace: run `npx wrangler kv namespace create SESSIONS` and put the id that it prints into id under [[kv_namespaces]].',
    );
  }
  // Turnstile's public test keys (developers.cloudflare.com/turnstile/reference/testing), which pass everybody.
  if (/^[123]x0+/.test(siteKey)) {
    problems.push(
      "TURNSTILE_SITE_KEY in wrangler.toml is one of Turnstile's public test keys, which let everybody in: use a real one, or leave it empty.",
    );
  }
  return problems;
}

/**
 * Which secrets of a Worker are missing. Only their names can be read; the Worker itself checks the values, and answers every
 * request with a sentence when one is too short.
 * @param {ReadonlySet<string>} names secrets that exist
 * @param {Deployment} deployment
 * @returns {string[]} a sentence for each thing, with the command that mends it
 */
export function secretProblems(names, { siteKey }) {
  const problems = [];
  if (!names.has('SESSION_SECRET')) {
    problems.push(
      'The secret SESSION_SECRET is missing: run `openssl rand -base64 48 | npx wrangler secret put SESSION_SECRET`.',
    );
  }
  const turnstileSecret = names.has('TURNSTILE_SECRET_KEY');
  if ((siteKey !== '') !== turnstileSecret) {
    problems.push(
      turnstileSecret
        ? 'There is a secret TURNSTILE_SECRET_KEY but no TURNSTILE_SITE_KEY in wrangler.toml: Turnstile needs both or neither.'
        : 'TURNSTILE_SITE_KEY is set but its secret is missing: run `npx wrangler secret put TURNSTILE_SECRET_KEY`.',
    );
  }
  if (!turnstileSecret && !names.has('DEBUG_TOKEN')) {
    problems.push(
      'No presenter could sign in: set up Turnstile, or run `openssl rand -base64 32 | npx wrangler secret put DEBUG_TOKEN`.',
    );
  }
  return problems;
}

/** @param {string} id */
function isBlank(id) {
  return /^[0-]*$/.test(id);
}
