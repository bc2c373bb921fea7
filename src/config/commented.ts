import { Document, isCollection } from 'yaml';
import { keepExponents } from './format.js';
import { allowed, type OptionSchema, rootSchema } from './options.js';
import type { Config } from './schema.js';

/** A config as YAML with every option and what the schema says of it above: how default.yaml is made. */
export function commentedConfig(config: Config): string {
  return [...comment(heading), ...section(rootSchema, config, '', true)].join('\n') + '\n';
}

function* section(
  schema: OptionSchema,
  values: object,
  indent: string,
  described: boolean,
): Generator<string> {
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    const value = (values as Record<string, unknown>)[key];
    const below = `${indent}  `;
    if (indent === '') yield '';
    if (described) yield* comment(explanation(child), indent);
    if (child.properties) {
      yield `${indent}${key}:`;
      yield* section(child, value as object, below, described);
    } else if (child.additionalProperties && child.additionalProperties.properties) {
      yield `${indent}${key}:`;
      for (const [i, [name, entry]] of Object.entries(value as object).entries()) {
        yield `${below}${name}:`;
        yield* section(child.additionalProperties, entry, `${below}  `, described && i === 0);
      }
    } else yield `${indent}${key}: ${flow(value)}`;
  }
}

function explanation(schema: OptionSchema): string {
  const description = schema.description ?? '';
  const choices = schema.enum ?? schema.items?.enum;
  return choices ? `${description} (${allowed(schema)})` : description;
}

/** A value on one line. */
function flow(value: unknown): string {
  const document = new Document(value);
  if (isCollection(document.contents)) document.contents.flow = true;
  keepExponents(document);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, singleQuote: true }).trimEnd();
}

/** Comment lines of at most 100 characters. */
function comment(text: string, indent = ''): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!;
    if (indent.length + 2 + last.length + word.length >= 100) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `${indent}# ${line}`);
}

const heading =
  'Every option. Paths are relative to the folder where meddoprof is run. A config of your own names this file ' +
  'by its path, `extends: configs/default.yaml`, and holds only what differs.';
