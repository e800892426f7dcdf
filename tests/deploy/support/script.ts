/** One Worker of the stand-in: its versions, its deployments, and its secrets, which nobody can read back. */
import { randomUUID } from 'node:crypto';

export interface Binding {
  type: string;
  name: string;
  id?: string;
  namespace_id?: string;
  class_name?: string;
  text?: string;
}

/** What comes with an upload. */
export interface Metadata {
  bindings: Binding[];
  annotations?: Record<string, string> | undefined;
  migrations?: { new_tag: string } | undefined;
}

/** A version, and the migrations that its database had seen when it was uploaded. */
type Version = Metadata & { tables: unknown[] };

export interface Script {
  readonly secrets: Map<string, string>;
  readonly deployments: { id: string; versions: { version_id: string; percentage: number }[] }[];
  onWorkersDev: boolean;
  /** Makes a version of what was uploaded. @returns its id */
  upload(version: Version): string;
  /** Sends everybody to a version. */
  deploy(id: string): object;
  /** The bindings of the deployed version, secrets included. */
  bindings(): Binding[];
  /** The same as the API shows them: without the values of secrets. */
  shownBindings(): Binding[];
  secretNames(): object[];
  /** Migrations that the deployed version's database had seen before it came. */
  tables(): unknown[];
  version(id: string): object;
  service(): object;
  asWorker(): object;
}

/** A Worker without any version. */
export function deployedScript(name: string): Script {
  const versions = new Map<string, Version>();
  const deployments: Script['deployments'] = [];
  const secrets = new Map<string, string>();
  let migrationTag: string | undefined;
  const current = () => versions.get(deployments[0]?.versions[0]?.version_id ?? '');
  const secretNames = () => [...secrets.keys()].map((each) => ({ name: each, type: 'secret_text' }));
  return {
    secrets,
    deployments,
    onWorkersDev: false,
    upload(version) {
      const id = randomUUID();
      for (const { type, name: secret, text = '' } of version.bindings)
        if (type === 'secret_text') secrets.set(secret, text);
      const bindings = version.bindings.filter(({ type }) => type !== 'secret_text' && type !== 'inherit');
      versions.set(id, { ...version, bindings });
      migrationTag = version.migrations?.new_tag ?? migrationTag;
      return id;
    },
    deploy(id) {
      const deployment = { id: randomUUID(), versions: [{ version_id: id, percentage: 100 }] };
      deployments.unshift(deployment);
      return deployment;
    },
    bindings: () => current()?.bindings ?? [],
    shownBindings: () => [...(current()?.bindings ?? []), ...secretNames()],
    secretNames,
    tables: () => current()?.tables ?? [],
    version: (id) => ({ id, annotations: versions.get(id)?.annotations }),
    service: () => ({
      id: name,
      default_environment: {
        environment: 'production',
        script: {
          id: name,
          tag: name,
          tags: [],
          migration_tag: migrationTag,
          last_deployed_from: 'wrangler',
        },
      },
    }),
    asWorker() {
      return { id: name, name, subdomain: { enabled: this.onWorkersDev, previews_enabled: false } };
    },
  };
}
