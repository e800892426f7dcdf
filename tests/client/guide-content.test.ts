/** The guide's contents: everybody has evidence or says that there is none, every address exists, no figure goes unmarked. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { AUDIT_LINES } from '#lib/domain/audit-findings.ts';
import { STEPS } from '#lib/domain/script.ts';
import { alternatives, ASPECTS, claimedBy, looseClaims } from '#lib/guide/alternatives.ts';
import { evidence as evidenceByKey, EVIDENCE_KEYS } from '#lib/guide/evidence.ts';
import { engineers, objections } from '#lib/guide/objections.ts';
import { personas } from '#lib/guide/personas.ts';
import { PICTURES, teachingCards } from '#lib/guide/teaching.ts';
import { Checks } from '#lib/verify/checks.ts';
import { linkOf } from '../../src/routes/guide/links.ts';
import { sections } from '../../src/routes/guide/sections.ts';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
const OBJECTED = [...objections(), ...engineers()];
const ALTERNATIVES = alternatives();
const EVIDENCE = evidenceByKey();
const PERSONAS = personas();
const TEACHING = teachingCards();
const PAGE_FILES = globSync(['routes/guide/*.svelte', 'lib/components/guide/*.svelte'], { cwd: SRC });
/** Names that hold a digit and are no figure. */
const NAMES = /\bD1\b/g;

describe('evidence', () => {
  test('each of the eight has a worry of their own, an answer, a promise, and evidence', () => {
    const posts = ['CEO', 'CFO', 'COO', 'CIO', 'CMO', 'CRO', 'CCO', 'CSO'];
    expect(PERSONAS.map(({ id }) => id)).toEqual(posts);
    expect(new Set(PERSONAS.map(({ worry }) => worry)).size).toBe(posts.length);
    for (const { answer, promise, evidence } of PERSONAS) {
      expect(answer.length).toBeGreaterThan(40);
      expect(promise.length).toBeGreaterThan(20);
      expect(evidence.length).toBeGreaterThan(0);
      for (const key of evidence) expect(EVIDENCE_KEYS).toContain(key);
    }
  });

  test('each objection has evidence, or says why there is none, and never both', () => {
    expect(new Set(OBJECTED.map(({ id }) => id)).size).toBe(OBJECTED.length);
    for (const { id, evidence, none } of OBJECTED) {
      expect(evidence.length > 0, id).toBe(none === undefined);
      for (const key of evidence) expect(EVIDENCE_KEYS).toContain(key);
    }
  });

  test('each alternative says for every aspect what is claimed, and names what is measured', () => {
    expect(new Set(ALTERNATIVES.map(({ id }) => id)).size).toBe(ALTERNATIVES.length);
    for (const { id, claims, measured } of ALTERNATIVES) {
      expect(Object.keys(claims), id).toEqual([...ASPECTS]);
      const said = ASPECTS.filter((aspect) => claims[aspect] !== null || measured[aspect] !== undefined);
      expect(said.length, id).toBeGreaterThan(0);
      for (const key of Object.values(measured)) expect(EVIDENCE_KEYS).toContain(key);
    }
    for (const { measured } of looseClaims()) if (measured) expect(EVIDENCE_KEYS).toContain(measured);
    expect(claimedBy()).toMatch(/guide/);
  });

  test('says how to get every figure, and by which step of the script', () => {
    expect(Object.keys(EVIDENCE)).toEqual([...EVIDENCE_KEYS]);
    for (const { how, step } of Object.values(EVIDENCE)) {
      expect(how.length).toBeGreaterThan(30);
      expect(step).toBeGreaterThanOrEqual(1);
      expect(step).toBeLessThanOrEqual(STEPS);
    }
  });
});

describe('addresses', () => {
  test('each check that a figure is linked to stands on the page that verifies logs', () => {
    const listed = new Checks().list([]).map(({ key }) => key as string);
    for (const { check } of Object.values(EVIDENCE)) {
      if (check === null) continue;
      expect(Object.keys(AUDIT_LINES)).toContain(check);
      expect(listed).toContain(check);
    }
  });

  test('every figure leads to a page of this site', () => {
    for (const key of EVIDENCE_KEYS) {
      const { href, words } = linkOf(key, 'K7QM2P', 'seat');
      expect(pageOf(href), href).toBe(true);
      expect(words).not.toBe('');
    }
  });

  test('every address in the page exists: pages of this site, and places on the page itself', () => {
    const text = PAGE_FILES.map((file) => readFileSync(join(SRC, file), 'utf8')).join('\n');
    const hrefs = [...text.replaceAll('{show}', 'K7QM2P').matchAll(/href="([^"{]+)"/g)].map(
      ([, href]) => href ?? '',
    );
    expect(hrefs).toEqual(expect.arrayContaining(['/', '/verify', '/stage/K7QM2P', '#contents']));
    for (const href of hrefs.filter((each) => each.startsWith('/'))) expect(pageOf(href), href).toBe(true);
    const places = ['contents', ...Object.values(sections()).map(({ id }) => id)];
    for (const href of hrefs.filter((each) => each.startsWith('#'))) expect(places).toContain(href.slice(1));
  });
});

describe('figures', () => {
  test('no text of the guide states one: only claims do, and each stands under its mark', () => {
    const prose = [
      ...PERSONAS.flatMap(({ worry, answer, promise, open }) => [worry, answer, promise, open ?? '']),
      ...OBJECTED.flatMap(({ says, answer, none }) => [says, answer, none ?? '']),
      ...ALTERNATIVES.flatMap(({ name, note }) => [name, note]),
      ...looseClaims().map(({ name }) => name),
      ...TEACHING.flatMap(({ title, text, seen }) => [title, text, seen]),
      ...Object.values(EVIDENCE).flatMap(({ name, how }) => [name, how]),
      ...Object.values(sections()).map(({ title }) => title),
    ];
    for (const text of prose) expect(text.replaceAll(NAMES, ''), text).not.toMatch(/\d|%|millisecond/);
  });

  test('whatever draws a claim or a figure draws its mark with it', () => {
    const table = readFileSync(join(SRC, 'routes/guide/AlternativesTable.svelte'), 'utf8');
    const claims = [...table.matchAll(/(.{0,30})\{claim\}/g)].map(([, before]) => before);
    expect(claims.length).toBe(2);
    for (const before of claims) expect(before).toContain('<Mark kind="CLAIM" />');
    const figure = readFileSync(join(SRC, 'routes/guide/EvidenceFigure.svelte'), 'utf8');
    expect(figure).toMatch(/<Mark kind=\{figure\.mark\} \/>\s*\{figure\.text\}/);
  });

  test('the markup between the texts states none either, but in drawings, which say that they show no data', () => {
    for (const file of PAGE_FILES) {
      const markup = readFileSync(join(SRC, file), 'utf8').replace(/<(script|style)[\s\S]*?<\/\1>/g, '');
      const text = markup.replace(/<!--[\s\S]*?-->|<[^>]*>|\{[^}]*\}/g, ' ').replaceAll('K7Q M2P', '');
      const isDrawing = file.endsWith('Picture.svelte');
      if (isDrawing) expect(markup, file).toMatch(/<Drawing\s/);
      else expect(text.replaceAll(NAMES, ''), file).not.toMatch(/\d/);
    }
    expect(readFileSync(join(SRC, 'lib/components/guide/Drawing.svelte'), 'utf8')).toContain(
      'a drawing, not data',
    );
  });
});

test('each teaching card has a picture of its own', () => {
  expect(TEACHING.map(({ picture }) => picture)).toEqual([...PICTURES]);
});

/** True when a route of this site answers at the address. */
function pageOf(href: string): boolean {
  const path = href
    .replace(/[?#].*$/, '')
    .split('/')
    .filter(Boolean);
  const folder = path.map((part) => (part === 'K7QM2P' ? '[code]' : part)).join('/');
  return existsSync(join(SRC, 'routes', folder, '+page.svelte'));
}
