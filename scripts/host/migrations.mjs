/**
 * Runs in the runtime as a Worker of its own and migrates databases. It records applied migrations in the same table as
 * wrangler, so that either may continue where the other stopped.
 */

/**
 * The Worker's variable MIGRATIONS.
 * @typedef {object} Migrations
 * @property {string} binding of the database
 * @property {string} table that keeps the names of those that were applied
 * @property {{ name: string, sql: string }[]} files in their order
 */

export default {
  /**
   * Applies what has not been applied yet, each file in a transaction of its own; those before one that fails stay.
   * @param {Request} _request
   * @param {Record<string, any> & { MIGRATIONS: Migrations[] }} env
   * @returns {Promise<Response>} 200, or 500 with the database's reason
   */
  async fetch(_request, env) {
    let current = '';
    try {
      for (const { binding, table, files } of env.MIGRATIONS) {
        const database = env[binding];
        const quoted = `"${table.replaceAll('"', '""')}"`;
        const applied = await namesIn(database, quoted);
        refuseNewer(applied, files);
        for (const { name, sql } of files.filter((file) => !applied.has(file.name))) {
          current = `${name}: `;
          const record = database.prepare(`INSERT INTO ${quoted} (name) VALUES (?)`).bind(name);
          await database.batch([database.prepare(sql), record]);
        }
      }
      return new Response('up to date');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return new Response(current + reason, { status: 500 });
    }
  },
};

/**
 * @param {any} database
 * @param {string} table made as wrangler makes it
 * @returns {Promise<Set<string>>} of the migrations that were applied
 */
async function namesIn(database, table) {
  const columns = [
    'id INTEGER PRIMARY KEY AUTOINCREMENT',
    'name TEXT UNIQUE',
    'applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL',
  ];
  await database.prepare(`CREATE TABLE IF NOT EXISTS ${table} (${columns.join(', ')})`).run();
  const { results } = await database.prepare(`SELECT name FROM ${table}`).all();
  return new Set(results.map((/** @type {{ name: string }} */ { name }) => name));
}

/**
 * Refuses a database with migrations that are not among these files: newer code may have changed what its rows mean.
 * @param {Set<string>} applied
 * @param {{ name: string }[]} files
 */
function refuseNewer(applied, files) {
  const known = new Set(files.map(({ name }) => name));
  const newer = [...applied].filter((name) => !known.has(name));
  if (newer.length === 0) return;
  throw new Error(
    `The database was stored by a newer version of this program, which applied ${newer.join(', ')}. Nothing was changed: start that version, or another folder.`,
  );
}
