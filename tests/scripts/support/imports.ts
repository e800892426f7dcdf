/** What a source file imports, read from its syntax tree. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/** One import of one file. */
export interface Import {
  /** Path from the root, or the name of a package or of a platform module. */
  target: string;
  /** `import type` and types of `import()`: gone when the program runs. */
  typeOnly: boolean;
  /** `await import()`: loaded when it is needed. */
  dynamic: boolean;
}

/** The TypeScript of a file: all of it, or the scripts of a component. */
export function scriptOf(path: string): string {
  const text = readFileSync(path, 'utf8');
  if (!path.endsWith('.svelte')) return text;
  return [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n');
}

/** The syntax tree of a file's TypeScript. */
export function syntaxOf(path: string): ts.SourceFile {
  return ts.createSourceFile(path, scriptOf(path), ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
}

/** Every node below and including one. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* nodesOf(child);
}

/** All imports of a file, with their targets told from the root. */
export function importsOf(root: string, path: string): Import[] {
  return [...nodesOf(syntaxOf(path))].flatMap((node) => {
    const found = importAt(node);
    return found ? [{ ...found, target: resolveTarget(root, path, found.target) }] : [];
  });
}

function importAt(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const from = node.moduleSpecifier;
    if (!from || !ts.isStringLiteral(from)) return undefined;
    const typeOnly = ts.isExportDeclaration(node)
      ? node.isTypeOnly
      : node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { target: from.text, typeOnly, dynamic: false };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const from = node.argument.literal;
    return ts.isStringLiteral(from) ? { target: from.text, typeOnly: true, dynamic: false } : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const from = node.arguments[0];
    // What is not written out cannot be held to a table: it stands for itself and is refused everywhere.
    const target = from && ts.isStringLiteralLike(from) ? from.text : 'an import whose name is computed';
    return { target, typeOnly: false, dynamic: true };
  }
  return undefined;
}

function resolveTarget(root: string, path: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(root, join(dirname(path), specifier));
  const alias = /^(#lib|#server|\$lib)\/(.*)$/.exec(specifier);
  if (alias) return join('src', alias[1] === '#server' ? 'server' : 'lib', alias[2] ?? '');
  return specifier;
}
