import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

export const root = join(import.meta.dirname, '../..');

/** Of a TypeScript file: another file, by its path in the project, or a package. */
export interface Import {
  of: string;
  isFile: boolean;
  /** type: gone once it is built; called: `import()`. */
  kind: 'value' | 'type' | 'called';
}

/** Files under folders of the project with these endings, by their paths in it. */
export function filesUnder(folders: readonly string[], endings = ['.ts']): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((file) => !file.startsWith('test/fixtures/'))
      .sort(),
  );
}

export const linesOf = (file: string) => readFileSync(join(root, file), 'utf8').split('\n').length - 1;

const sources = new Map<string, ts.SourceFile>();
/** A file's syntax, parsed once. */
export function parsed(file: string): ts.SourceFile {
  const text = () => readFileSync(join(root, file), 'utf8');
  const source = sources.get(file) ?? ts.createSourceFile(file, text(), ts.ScriptTarget.Latest, true);
  sources.set(file, source);
  return source;
}

/** What a file imports or exports again. */
export function importsOf(file: string): Import[] {
  const imports: Import[] = [];
  const add = (literal: ts.Node | undefined, kind: Import['kind']) => {
    if (!literal || !ts.isStringLiteralLike(literal)) return;
    const isFile = literal.text.startsWith('.');
    const of = isFile ? join(dirname(file), literal.text).replace(/\.js$/, '.ts') : literal.text;
    imports.push({ of, isFile, kind });
  };
  visit(parsed(file), (node) => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.isTypeOnly ? 'type' : 'value');
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'value');
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], 'called');
  });
  return imports;
}

/** Files that some are made of, themselves included. */
export function reachedFrom(files: readonly string[], kinds: readonly Import['kind'][]): Set<string> {
  const reached = new Set<string>();
  const waiting = [...files];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const { of, isFile, kind } of importsOf(file))
      if (isFile && of.endsWith('.ts') && kinds.includes(kind)) waiting.push(of);
  }
  return reached;
}

export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}
