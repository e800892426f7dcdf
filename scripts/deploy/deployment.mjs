/** One deployment: what the account has, what is wanted, and the tasks between the two, in the order in which they are safe. */
import { createHash, randomBytes } from 'node:crypto';
import { signInLink } from '../lib/banner.mjs';
import { pagesBuilt, sourcesDigest } from '../lib/build.mjs';
import { writeConfig } from './configuration.mjs';
import { Progress } from './progress.mjs';
import { collectSecrets } from './secrets.mjs';
import { buildInTurn, runWrangler } from './wrangler.mjs';

/** @typedef {import('./progress.mjs').Task} Task */
/** A task, or false where its work stands already. @typedef {Task | false} Needed */

/**
 * What is known before anything is changed.
 * @typedef {object} Known
 * @property {import('./api.mjs').Api} api signed in
 * @property {string} account its id
 * @property {import('./configuration.mjs').Config} config
 * @property {import('./configuration.mjs').Target} target
 * @property {string} folder of this account and name
 * @property {import('./account.mjs').Found} found
 * @property {import('./options.mjs').DeployOptions} options
 */

/** Characters of the digest by which a deployed version is known again: a version's tag is short. */
const TAG_LENGTH = 24;

/** Finds out what is missing, and makes it. */
export class Deployment {
  progress = new Progress();
  /** Set by a signal: a wrangler that is stopped may end as if all were well, with nothing uploaded. */
  isStopped = false;
  /** @type {Known} */
  #known;
  /** @type {Awaited<ReturnType<typeof collectSecrets>>} */
  #secrets;
  /** @type {string} */
  #siteKey;
  #ids;
  #subdomain;

  /** @param {Known} known @param {string} siteKey @param {Awaited<ReturnType<typeof collectSecrets>>} secrets */
  constructor(known, siteKey, secrets) {
    const { found } = known;
    this.#known = known;
    this.#siteKey = siteKey;
    this.#secrets = secrets;
    this.#ids = { database: found.databaseId ?? '', namespace: found.namespaceId ?? '' };
    this.#subdomain = found.subdomain ?? `show-${randomBytes(4).toString('hex')}`;
  }

  /**
   * Asks for what only its owner knows: secrets that are not there yet.
   * @param {Known} known
   */
  static async of(known) {
    const { config, folder, found, options } = known;
    const { worker } = found;
    const kept = worker?.secrets.has('TURNSTILE_SECRET_KEY') ? worker.siteKey : '';
    const siteKey = options.turnstile ?? (config.vars['TURNSTILE_SITE_KEY'] || kept);
    return new Deployment(known, siteKey, await collectSecrets(folder, siteKey, worker));
  }

  /** The address of the site. */
  get url() {
    return `https://${this.#domain ?? `${this.#known.target.name}.${this.#subdomain}.workers.dev`}`;
  }

  /** The tasks that are needed, in their order; none when nothing has changed since the last deployment. */
  tasks() {
    this.#noteFound();
    /** @type {Needed[]} */
    const tasks = [
      this.#isUploaded || pagesBuilt()
        ? false
        : { title: 'Building the pages', makes: 'the pages, built here', work: buildInTurn },
      this.#database(),
      this.#namespace(),
      this.#name(),
      this.#tables(),
      this.#upload(),
      this.#attach(),
    ];
    return tasks.filter((task) => task !== false);
  }

  get #domain() {
    return this.#known.options.domain ?? this.#known.found.domains[0]?.hostname;
  }

  get #isUploaded() {
    const { worker } = this.#known.found;
    return (
      worker !== undefined && worker.tag === this.#tag() && Object.keys(this.#secrets.secrets).length === 0
    );
  }

  /** What stands already is said when the deployment stops, beside what it made. */
  #noteFound() {
    const { found, target } = this.#known;
    if (found.databaseId) this.progress.found(`the database ${target.database}`);
    if (found.namespaceId) this.progress.found(`the namespace ${target.namespace}`);
    if (this.#isUploaded) this.progress.found(this.#theWorker);
    else if (found.worker) this.progress.found(`an older version of the Worker ${target.name}`);
    for (const { hostname } of found.domains) this.progress.found(`the domain ${hostname}`);
  }

  get #theWorker() {
    return `the Worker ${this.#known.target.name} with its secrets`;
  }

  /** @param {string} path below the account @param {string} method @param {unknown} body */
  #call(path, method, body) {
    return this.#known.api.call(`/accounts/${this.#known.account}${path}`, method, body);
  }

  /** @returns {Needed} */
  #database() {
    const { found, target } = this.#known;
    return (
      !found.databaseId && {
        title: 'Making the database',
        makes: `the database ${target.database}`,
        work: async () => {
          this.#ids.database = (await this.#call('/d1/database', 'POST', { name: target.database })).uuid;
        },
      }
    );
  }

  /** @returns {Needed} */
  #namespace() {
    const { found, target } = this.#known;
    return (
      !found.namespaceId && {
        title: 'Making the namespace of the sessions',
        makes: `the namespace ${target.namespace}`,
        work: async () => {
          const made = await this.#call('/storage/kv/namespaces', 'POST', { title: target.namespace });
          this.#ids.namespace = made.id;
        },
      }
    );
  }

  /**
   * A name of the whole account, which must be nobody else's, so it is drawn; the dashboard can change it.
   * @returns {Needed}
   */
  #name() {
    const subdomain = this.#subdomain;
    return (
      !this.#known.found.subdomain &&
      this.#domain === undefined && {
        title: 'Making the account’s name below workers.dev',
        makes: `${subdomain}.workers.dev`,
        work: () => this.#call('/workers/subdomain', 'PUT', { subdomain }),
      }
    );
  }

  /**
   * Before the Worker, so that a new one never meets old tables. Migrations only ever add, so the old one stays whole.
   * @returns {Needed}
   */
  #tables() {
    return (
      !this.#isUploaded && {
        title: 'Bringing the database up to date',
        makes: 'the tables, up to date',
        work: () => this.#wrangler('d1', 'migrations', 'apply', 'DB', '--remote'),
      }
    );
  }

  /** @returns {Needed} */
  #upload() {
    const { pending, secrets } = this.#secrets;
    return (
      !this.#isUploaded && {
        title: 'Uploading the Worker and its pages',
        makes: this.#theWorker,
        work: async () => {
          const file = pending.write(secrets);
          await this.#wrangler('deploy', '--tag', this.#tag(), '--secrets-file', file);
          if (this.isStopped) return;
          pending.forget();
          const token = secrets['DEBUG_TOKEN'];
          if (!token) return;
          const link = signInLink(this.url, token);
          this.progress.note(
            `\nPresenter, open this link to sign in. Keep it; it is not shown again:\n  ${link}`,
          );
        },
      }
    );
  }

  /** @returns {Needed} */
  #attach() {
    const hostname = this.#domain;
    const isAttached = this.#known.found.domains.some((domain) => domain.hostname === hostname);
    return (
      hostname !== undefined &&
      !isAttached && {
        title: `Attaching ${hostname}`,
        makes: `the domain ${hostname}`,
        work: () =>
          this.#call('/workers/domains', 'PUT', {
            hostname,
            service: this.#known.target.name,
            environment: 'production',
          }),
      }
    );
  }

  /** @param {string[]} args */
  #wrangler(...args) {
    const { account, config, folder, target } = this.#known;
    const file = writeConfig(folder, config, {
      name: target.name,
      database: target.database,
      databaseId: this.#ids.database,
      namespaceId: this.#ids.namespace,
      siteKey: this.#siteKey,
      hasDomain: this.#domain !== undefined,
    });
    return runWrangler(account, [...args, '--config', file]);
  }

  /** The tag of the version that the sources and these settings make. */
  #tag() {
    const { database, namespace } = this.#ids;
    const settings = [database, namespace, this.#siteKey, this.#domain ?? '', this.#known.target.name];
    const hash = createHash('sha256').update(sourcesDigest()).update(JSON.stringify(settings));
    return hash.digest('hex').slice(0, TAG_LENGTH);
  }
}
