/** An attacker with a stop-watch: secrets are compared in constant time, everywhere in the server. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.mjs';

describe('secrets are compared in constant time', () => {
  const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
  const SECRET_NAME = /token|secret|signature|hmac|mac$|password|credential/i;
  /** Names of constants are no secrets, whatever they speak of. */
  const CONSTANT = /^[A-Z_]+$/;
  /** Looks for the public prefix of Turnstile's test secrets, once, in the operator's own configuration. */
  const ALLOWED = ['DUMMY_SECRET.test(secretKey)'];
  const HARMLESS = /^(''|""|null|undefined|true|false|\d+|'[\w-]*')$/;

  /** Comparisons of something that is named like a secret, in the open: anything whose time tells where it differs. */
  function openComparisons(path: string, text: string): string[] {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const found: string[] = [];
    const isSecret = (node: ts.Node) => {
      const name = ts.isPropertyAccessExpression(node) ? node.name.text : node.getText(source);
      if (CONSTANT.test(name)) return false;
      return (
        SECRET_NAME.test(name) && !/\.length$/.test(node.getText(source)) && !ts.isTypeOfExpression(node)
      );
    };
    const equality = new Set([
      ts.SyntaxKind.EqualsEqualsToken,
      ts.SyntaxKind.EqualsEqualsEqualsToken,
      ts.SyntaxKind.ExclamationEqualsToken,
      ts.SyntaxKind.ExclamationEqualsEqualsToken,
    ]);
    const methods = /^(includes|startsWith|endsWith|indexOf|localeCompare|has|equals|test|match)$/;
    const visit = (node: ts.Node) => {
      if (ts.isBinaryExpression(node) && equality.has(node.operatorToken.kind)) {
        const sides = [node.left, node.right];
        const harmless = sides.some((side) => HARMLESS.test(side.getText(source)));
        if (!harmless && sides.some(isSecret)) found.push(`${path}: ${node.getText(source)}`);
      }
      if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
        const { name, expression } = node.expression;
        const compares = methods.test(name.text) && [expression, ...node.arguments].some(isSecret);
        if (compares) found.push(`${path}: ${node.getText(source)}`);
      }
      if (ts.isSwitchStatement(node) && isSecret(node.expression)) found.push(`${path}: switch`);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  }

  it.each([
    ['if (token === debugToken) enter();', 1],
    ['const ok = given !== config.sessionSecret;', 1],
    ['return secrets.includes(given);', 1],
    ['return config.debugToken.startsWith(given);', 1],
    ['switch (token) {}', 1],
    ["if (token === '') refuse();", 0],
    ['if (debugToken === null) refuse();', 0],
    ['if (token.length <= MAX) go();', 0],
    ['if (await isSameText(secret, token, debugToken)) enter();', 0],
  ])('this test sees what it looks for: %s', (code, count) => {
    expect(openComparisons('planted.ts', code)).toHaveLength(count);
  });

  it('all of them: nothing in the server compares a secret by itself', () => {
    const sources = globSync('src/server/**/*.ts', { cwd: ROOT });
    expect(sources.length).toBeGreaterThan(40);
    const found = sources.flatMap((path) => openComparisons(path, read(path)));
    expect(found.filter((line) => !ALLOWED.some((allowed) => line.endsWith(`: ${allowed}`)))).toEqual([]);
    const keys = read(join('src', 'server', 'sessions', 'keys.ts'));
    expect(keys).toContain('crypto.subtle.timingSafeEqual');
    expect(keys).toContain("crypto.subtle.verify('HMAC'");
    const users = sources.filter((path) => /isSameText\(/.test(read(path)));
    expect(users).toContain(join('src', 'server', 'sessions', 'admit.ts'));
  });
});
