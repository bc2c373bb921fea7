import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { filesUnder, importsOf, parsed, visit } from './support/sources.js';

const entries = { meddoprof: 'src/index.ts', 'meddoprof/internal': 'src/internal.ts' };
type Entry = keyof typeof entries;
/** How make_frozen_run.mjs loads them, of an earlier build. */
const ofBuild = { meddoprof: 'index.js', 'meddoprof/internal': 'internal.js' };

describe('bench/ and scripts/', () => {
  const files = filesUnder(['bench', 'scripts'], ['.mjs']);
  const taken = (entry: Entry) => files.flatMap((file) => namesFrom(entry, parsed(file)));

  test('import the library, and no file of it', () => {
    const imports = files.flatMap((file) => importsOf(file).map(({ of }) => `${file}: ${of}`));
    expect(imports.filter((one) => /: ((dist|src|test)\/|meddoprof\/(?!internal$))/.test(one))).toEqual([]);
    expect(imports.filter((one) => one.endsWith(': meddoprof')).length).toBeGreaterThan(5);
  });

  test('take what the library has', () => {
    const names = new Set(exportsOf(entries.meddoprof));
    expect(taken('meddoprof').filter((name) => !names.has(name))).toEqual([]);
  });

  test('take all that its inside shows, so that it shows no more', () => {
    expect(exportsOf(entries['meddoprof/internal']).sort()).toEqual(
      [...new Set(taken('meddoprof/internal'))].sort(),
    );
  });
});

test('names are found however they are imported', () => {
  const text = `import { a, b as c } from 'meddoprof'; import { z } from 'zod';
    const { d, e: f } = await import('meddoprof'); const { g } = await load('index.js');`;
  const source = ts.createSourceFile('some.mjs', text, ts.ScriptTarget.Latest, true);
  expect(namesFrom('meddoprof', source)).toEqual(['a', 'b', 'd', 'e', 'g']);
});

/** What a file takes of an entry, by the entry's names. */
function namesFrom(entry: Entry, file: ts.SourceFile): string[] {
  const names: string[] = [];
  const nameOf = ({ propertyName, name }: ts.ImportSpecifier | ts.BindingElement) =>
    (propertyName ?? name).getText();
  visit(file, (node) => {
    if (ts.isImportDeclaration(node) && isText(node.moduleSpecifier, entry)) {
      const named = node.importClause?.namedBindings;
      if (named && ts.isNamedImports(named)) for (const one of named.elements) names.push(nameOf(one));
    }
    if (!ts.isVariableDeclaration(node) || !ts.isObjectBindingPattern(node.name)) return;
    const loaded = node.initializer && ts.isAwaitExpression(node.initializer) && node.initializer.expression;
    if (!loaded || !ts.isCallExpression(loaded)) return;
    const [from] = loaded.arguments;
    if (from && isText(from, entry, ofBuild[entry]))
      for (const one of node.name.elements) names.push(nameOf(one));
  });
  return names;
}

function isText(node: ts.Node, ...texts: string[]): boolean {
  return ts.isStringLiteralLike(node) && texts.includes(node.text);
}

/** The values that a file exports of others. */
function exportsOf(file: string): string[] {
  const names: string[] = [];
  visit(parsed(file), (node) => {
    if (ts.isExportSpecifier(node) && !node.isTypeOnly && !node.parent.parent.isTypeOnly)
      names.push(node.name.text);
  });
  return names;
}
