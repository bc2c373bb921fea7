import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import ts from 'typescript';
import { circles } from './support/circles.js';
import { filesUnder, importsOf, linesOf, parsed, reachedFrom, visit } from './support/sources.js';

const LINES = 250;
/** How many files of those that make a run may see the whole config: this number falls, and does not rise. */
const WITH_CONFIG = 29;

describe('the sources', () => {
  test('import each other in no circle, not for their types either', () => {
    const next = (file: string) => importsOf(file).flatMap(({ of, isFile }) => (isFile ? [of] : []));
    const graph = new Map(filesUnder(['src', 'test', 'bench']).map((file) => [file, next(file)]));
    expect(circles(graph)).toEqual([]);
  });

  test(`have ${LINES} lines at most`, () => {
    const files = filesUnder(['src', 'test', 'bench', 'scripts', 'bin'], ['.ts', '.js', '.mjs', '.css', '.py', '.cc']); // prettier-ignore
    const long = files.filter((file) => linesOf(file) > LINES).map((file) => `${file}: ${linesOf(file)}`);
    expect(long).toEqual([]);
  });

  test('spread nothing that may not be there: it is undefined in its place', () => {
    expect(filesUnder(['src']).flatMap((file) => maybeSpreads(parsed(file)))).toEqual([]);
  });

  test('see the whole config in few of the files that make a run', () => {
    const files = [...reachedFrom(['src/run/trainRun.ts'], ['value', 'type', 'called'])];
    expect(files.length).toBeGreaterThan(100);
    const seeing = files.filter((file) => namesConfig(parsed(file)));
    expect(seeing.length > WITH_CONFIG ? seeing : []).toEqual([]);
  });
});

test('fast tests run nothing that has to be built', () => {
  const isFast = (file: string) => !/\.(slow|built)\.test\.ts$/.test(file);
  const needs = (file: string) =>
    reachedFrom([file], ['value']).has('test/support/builtProgram.ts') ||
    parsed(file).text.includes(['..', 'dist'].join('/'));
  expect(filesUnder(['test'], ['.test.ts']).filter(isFast).filter(needs)).toEqual([]);
  expect(needs('test/docs.built.test.ts')).toBe(true);
});

describe('what counts them', () => {
  const source = (text: string) => ts.createSourceFile('some.ts', text, ts.ScriptTarget.Latest, true);

  test('sees a spread behind a condition, and no other', () => {
    const text = 'f({ ...(x && { x }), ...y, ...(a.b > 1 && named), ...(z ? { z } : {}), ...(z ? p : q) })';
    expect(maybeSpreads(source(text))).toEqual([
      'some.ts: ...(x && { x })',
      'some.ts: ...(a.b > 1 && named)',
      'some.ts: ...(z ? { z } : {})',
    ]);
  });

  test.each([
    ['function f(config: Config) {}', true],
    ["interface A { given: { config: Config; part: Config['data'] } }", true],
    ["function f(data: Config['data'], model: Config['model']['spans']) {}", false],
    ["function f(parts: Pick<Config, 'data' | 'model'>) {}", false],
  ])('tells the whole config from its parts: %s', (text, whole) => {
    expect(namesConfig(source(text))).toBe(whole);
  });

  test('finds the circles that walking every way finds', () => {
    const nodes = ['a', 'b', 'c', 'd', 'e', 'f'];
    const arrows = fc.array(fc.tuple(fc.constantFrom(...nodes), fc.constantFrom(...nodes)), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(arrows, (list) => {
        const next = new Map(nodes.map((node) => [node, list.filter(([from]) => from === node).map(([, to]) => to)])); // prettier-ignore
        const after = (node: string) => {
          const seen = new Set<string>();
          for (let found = next.get(node)!; found.length > 0;) {
            const fresh = found.filter((each) => !seen.has(each));
            fresh.forEach((each) => seen.add(each));
            found = fresh.flatMap((each) => next.get(each)!);
          }
          return seen;
        };
        const ways = new Map(nodes.map((node) => [node, after(node)]));
        const circleOf = (node: string) => nodes.filter((other) => ways.get(node)!.has(other) && ways.get(other)!.has(node)); // prettier-ignore
        const expected = nodes.map(circleOf).filter((circle, i) => circle[0] === nodes[i]);
        expect(circles(next).sort()).toEqual(expected);
      }),
    );
  });
});

/** `...(x && { x })`, and `...(x ? { x } : {})`. */
function maybeSpreads(file: ts.SourceFile): string[] {
  const found: string[] = [];
  const isEmpty = (node: ts.Node) => ts.isObjectLiteralExpression(node) && node.properties.length === 0;
  visit(file, (node) => {
    if (!ts.isSpreadAssignment(node)) return;
    let { expression } = node;
    while (ts.isParenthesizedExpression(expression)) expression = expression.expression;
    const isAnd =
      ts.isBinaryExpression(expression) &&
      expression.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
    const isEither =
      ts.isConditionalExpression(expression) &&
      (isEmpty(expression.whenTrue) || isEmpty(expression.whenFalse));
    if (isAnd || isEither) found.push(`${file.fileName}: ${node.getText()}`);
  });
  return found;
}

/** Whether a file names the type of the whole config, not only parts of it. */
function namesConfig(file: ts.SourceFile): boolean {
  let found = false;
  visit(file, (node) => {
    if (!ts.isTypeReferenceNode(node) || node.typeName.getText() !== 'Config') return;
    const { parent } = node;
    const isPart =
      (ts.isIndexedAccessTypeNode(parent) && parent.objectType === node) ||
      (ts.isTypeReferenceNode(parent) && parent.typeName.getText() === 'Pick');
    if (!isPart) found = true;
  });
  return found;
}
