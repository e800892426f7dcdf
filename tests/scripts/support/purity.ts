/** What pure code may not mention: clocks, chance, promises and the platform. */
import { relative } from 'node:path';
import ts from 'typescript';
import { nodesOf, syntaxOf } from './imports.ts';

const PLATFORM = new Set([
  'crypto',
  'performance',
  'fetch',
  'setTimeout',
  'setInterval',
  'queueMicrotask',
  'Promise',
  'process',
  'window',
  'document',
  'navigator',
  'localStorage',
  'globalThis',
  'console',
]);

/** What makes a file impure, one line each. */
export function impurities(root: string, path: string): string[] {
  const source = syntaxOf(path);
  return [...nodesOf(source)].flatMap((node) => {
    const what = impurityOf(node);
    if (what === undefined) return [];
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    return [`${relative(root, path)}:${line + 1} uses ${what}`];
  });
}

function impurityOf(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AsyncKeyword || node.kind === ts.SyntaxKind.AwaitKeyword) return 'async';
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText();
    return text === 'Date.now' || text === 'Math.random' ? text : undefined;
  }
  // A date made of a given time is a value; one made of nothing is a clock.
  const clock = ts.isNewExpression(node) || ts.isCallExpression(node);
  if (clock && node.expression.getText() === 'Date' && !node.arguments?.length) return 'the clock';
  return ts.isIdentifier(node) && PLATFORM.has(node.text) && !isMemberName(node) ? node.text : undefined;
}

/** A field of that name is not the platform's thing of that name. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent)
  );
}
