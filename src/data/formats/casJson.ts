import path from 'node:path';
import { z } from 'zod';
import { mapBounded } from '../../files/bounded.js';
import { firstIssue } from '../../files/issue.js';
import { writeAtomically } from '../../files/write.js';
import type { Document } from '../document.js';
import { onOneLine } from '../whiteSpace.js';
import { report } from '../fault.js';
import { checkNames } from '../write.js';
import { documentOfCas, maySpan, namedEntities, NAMED_ENTITY, passOver, type Cas } from './cas.js';
import { documentsOf, type ListedDocument } from './documents.js';
import { filesOf } from './files.js';
import { lostByLabel, type CorpusFormat, type Reading } from './format.js';
import { readHashed } from './hash.js';

/** UIMA CAS as JSON (0.4): what INCEpTION exports as such, a file a document. */
export const casjson: CorpusFormat = {
  description: 'a UIMA CAS as JSON a document, with spans as NamedEntity: INCEpTION',
  offsets: 'UTF-16 units',
  endings: ['.json'],
  output: 'folder',
  begins: (head) => /"%(TYPES|FEATURE_STRUCTURES|VIEWS)"/.test(head),
  read: (corpus, reading) => documentsOf(listed(corpus, reading), 'UTF-16 units', corpus, reading),
  write,
  lost: lostByLabel,
};

/** A document's file is held as a whole; a CAS of a long one has some MiB. */
const MOST_BYTES = 2 ** 26;

const structure = z.looseObject({
  '%ID': z.int().optional(),
  '%TYPE': z.string(),
  '@sofa': z.int().optional(),
  begin: z.number().optional(),
  end: z.number().optional(),
});

const schema = z.looseObject({
  '%FEATURE_STRUCTURES': z.preprocess(listOf, z.array(structure)),
});

/** Feature structures stand in a list, or by their numbers. */
function listOf(structures: unknown): unknown {
  if (typeof structures !== 'object' || structures === null || Array.isArray(structures)) return structures;
  return Object.entries(structures).map(([id, one]: [string, object]) => ({ '%ID': Number(id), ...one }));
}

async function* listed(corpus: string, reading: Reading): AsyncGenerator<ListedDocument> {
  for (const { path: file, name, stem } of await filesOf(corpus, casjson.endings)) {
    const text = await readHashed(file, name, reading, MOST_BYTES);
    const cas = parse(text, reading);
    if (typeof cas !== 'string') yield* documentOfCas(cas, { name: stem, file }, reading);
    else report(reading.faults, { file, kind: 'fields', severity: 'error', message: cas }, reading.tolerant);
  }
}

/** The CAS, or what is wrong with the text. */
function parse(text: string, reading: Reading): Cas | string {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    return `it is not JSON (${onOneLine((error as Error).message)}).`;
  }
  const { data, error } = schema.safeParse(value);
  if (error) return `it is not a UIMA CAS in JSON: ${firstIssue(error)}.`;
  const cas: Cas = { sofas: [], annotations: [] };
  for (const { '%ID': number, '%TYPE': type, '@sofa': sofa, begin, end, ...rest } of data[
    '%FEATURE_STRUCTURES'
  ]) {
    const id = String(number ?? '');
    const own = Object.entries(rest).filter(([key]) => !/^[%#^]/.test(key));
    const features = Object.fromEntries(
      own.flatMap(([key, value]) =>
        key.startsWith('@') ? [[key.slice(1), '']] : typeof value === 'string' ? [[key, value]] : [],
      ),
    ) as Record<string, string>;
    if (type === 'uima.cas.Sofa')
      cas.sofas.push({ id, view: features.sofaID ?? '', text: features.sofaString });
    else if (begin === undefined || end === undefined) continue;
    else if (maySpan(type))
      cas.annotations.push({ type, id, sofa: String(sofa ?? ''), begin, end, features });
    else passOver(type, reading);
  }
  return cas;
}

async function write(out: string, documents: readonly Document[]): Promise<void> {
  checkNames(documents);
  await mapBounded(documents, 16, (document) =>
    writeAtomically(path.join(out, `${document.name}.json`), `${JSON.stringify(casOf(document))}\n`),
  );
}

function casOf(document: Document): object {
  const feature = (name: string) => ({ [name]: { '%NAME': name, '%RANGE': 'uima.cas.String' } });
  const entities = namedEntities(document).map((entity, i) => ({
    '%ID': i + 2,
    '%TYPE': NAMED_ENTITY,
    '@sofa': 1,
    ...entity,
  }));
  const sofa = { sofaNum: 1, sofaID: '_InitialView', mimeType: 'text/plain', sofaString: document.text };
  const type = { '%NAME': NAMED_ENTITY, '%SUPER_TYPE': 'uima.tcas.Annotation' };
  return {
    '%TYPES': { [NAMED_ENTITY]: { ...type, ...feature('value'), ...feature('identifier') } },
    '%FEATURE_STRUCTURES': [{ '%ID': 1, '%TYPE': 'uima.cas.Sofa', ...sofa }, ...entities],
    '%VIEWS': { _InitialView: { '%SOFA': 1, '%MEMBERS': entities.map((entity) => entity['%ID']) } },
  };
}
