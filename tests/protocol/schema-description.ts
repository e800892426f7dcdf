/**
 * A schema as plain data: everything of it that decides what is accepted. Checks that are functions stand by their
 * message, so a check has to say in words what it allows.
 */

type Node = Readonly<Record<string, unknown>>;

/** Parts of a schema that hold other schemas. */
const INNER = ['entries', 'pipe', 'wrapped', 'item', 'items', 'options', 'key', 'value', 'rest'] as const;

/** Describes a valibot schema or action, and everything inside it. */
export function describeSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(describeSchema);
  if (typeof schema === 'object' && schema !== null) {
    // An object's fields may be called `kind` as well, but are then schemas and no text.
    return 'kind' in schema && typeof schema.kind === 'string'
      ? describeNode(schema)
      : describeEach(schema as Node);
  }
  return plain(schema);
}

function describeNode(node: Node): Node {
  const inner = INNER.filter((part) => node[part] !== undefined);
  const { kind, type, requirement, literal, message } = node;
  return {
    kind,
    type,
    ...(requirement === undefined ? {} : { requirement: plain(requirement) }),
    ...(literal === undefined ? {} : { literal: plain(literal) }),
    ...(typeof message === 'string' ? { message } : {}),
    ...('default' in node ? { default: plain(node['default']) } : {}),
    // A pipe begins with the schema that holds it: only its own facts are told there.
    ...Object.fromEntries(
      inner.map((part) => [part, part === 'pipe' ? describePipe(node) : describeSchema(node[part])]),
    ),
  };
}

function describePipe(node: Node): unknown {
  const [root, ...actions] = node['pipe'] as Node[];
  return [{ kind: root?.['kind'], type: root?.['type'] }, ...actions.map(describeSchema)];
}

function describeEach(entries: Node): Node {
  return Object.fromEntries(Object.entries(entries).map(([name, inner]) => [name, describeSchema(inner)]));
}

function plain(value: unknown): unknown {
  if (value instanceof RegExp) return String(value);
  if (typeof value === 'function') return 'function';
  return value ?? null;
}
