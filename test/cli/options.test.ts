import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Argv, CommandModule, Options } from 'yargs';
import { shipped } from '../../src/cli/commands.js';
import { globalOptions } from '../../src/cli/program.js';
import { listOptions, rootSchema, type OptionSchema } from '../../src/config/options.js';

const src = join(import.meta.dirname, '../../src');

/** Names that a program's text reads: of properties, and of what is taken out of objects; not those it only declares. */
function namesRead(text: string, but: (node: ts.Node) => boolean = () => false): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (but(node)) return;
    if (ts.isPropertyAccessExpression(node)) names.add(node.name.text);
    if (ts.isBindingElement(node) && !node.dotDotDotToken)
      names.add((node.propertyName ?? node.name).getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('a.ts', text, ts.ScriptTarget.ESNext, true));
  return names;
}

describe('every argument and option of a command is read by it', () => {
  /** What a command tells yargs that it takes. */
  function taken({ builder }: CommandModule): string[] {
    if (typeof builder !== 'function') return Object.keys(builder ?? {});
    const names: string[] = [];
    const recorder: object = new Proxy(
      {},
      {
        get: (_, method) => (first: string | Record<string, Options>) => {
          if (method === 'positional' || method === 'option') names.push(first as string);
          if (method === 'options') names.push(...Object.keys(first));
          return recorder;
        },
      },
    );
    void builder(recorder as Argv);
    return names;
  }
  const isBuilder = (node: ts.Node) => ts.isPropertyAssignment(node) && node.name.getText() === 'builder';
  const unread = (options: string[], text: string) => {
    const names = namesRead(text, isBuilder);
    return options
      .map((name) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()))
      .filter((name) => !names.has(name));
  };

  test.each(shipped.list)('$name', async ({ name }) => {
    const { command } = await shipped.load(name);
    const text = readFileSync(join(src, 'cli', `${name}.ts`), 'utf8');
    expect(unread(taken(command), text)).toEqual([]);
    expect(text).toMatch(/outputOf\((argv|\{)/); // which reads the options of every command:
    expect(unread(Object.keys(globalOptions), readFileSync(join(src, 'cli/output.ts'), 'utf8'))).toEqual([]);
  });

  test('or this test tells', () => {
    const text = `export const command = { builder: { 'dry-run': {}, out: {} }, handler: ({ out }) => out };`;
    expect(unread(['dry-run', 'out'], text)).toEqual(['dryRun']);
  });
});

describe('every option of a config is read in the rooms that it is for', () => {
  /** Where the options of a section are read: folders and files of src. */
  const rooms: Record<string, string[]> = {
    seed: ['run', 'data'],
    tasks: ['data', 'model'],
    data: ['data', 'run'],
    encoder: ['run', 'model', 'data/tokenizers'],
    model: ['model/heads', 'model/trunk', 'model/model.ts', 'data/labels.ts', 'run/session.ts'],
    training: ['config/schedule.ts', 'train', 'run', 'ops/adam.ts'],
    augmentation: ['augment', 'run/augmentCorpus.ts'],
    pretraining: ['run'],
    decoding: ['data/decode.ts', 'model/heads', 'run/session.ts', 'predict'],
    normalization: ['normalize', 'run', 'train'],
    backend: ['backend', 'run', 'augment'],
  };
  const textsOf = (place: string): string[] => {
    if (place.endsWith('.ts')) return [readFileSync(join(src, place), 'utf8')];
    const files = readdirSync(join(src, place), { recursive: true, encoding: 'utf8' });
    return files
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(src, place, name), 'utf8'));
  };
  const namesOfText = new Map<string, Set<string>>();
  const namesIn = (text: string) => {
    const names = namesOfText.get(text) ?? namesRead(text);
    namesOfText.set(text, names);
    return [...names];
  };
  /** The options whose names none of their rooms' files reads. */
  function unreadOptions(schema: OptionSchema): string[] {
    const read = new Map(
      Object.entries(rooms).map(([section, places]) => [
        section,
        new Set(places.flatMap(textsOf).flatMap(namesIn)),
      ]),
    );
    return listOptions(schema)
      .map(({ path }) => path)
      .filter((path) => {
        const names = path.replaceAll('[]', '').split('.');
        return !read.get(names[0]!)?.has(names.at(-1)!);
      });
  }

  test('none is read by nobody', () => {
    expect(unreadOptions(rootSchema)).toEqual([]);
  });

  test('or this test tells', () => {
    const { training } = rootSchema.properties!;
    const added = { ...training, properties: { ...training!.properties, momentum: { type: 'number' } } };
    const schema = { ...rootSchema, properties: { ...rootSchema.properties, training: added, extra: {} } };
    expect(unreadOptions(schema)).toEqual(['training.momentum', 'extra']);
  });
});
