import path from 'node:path';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { InputError } from '../../errors.js';
import { mapBounded } from '../../files/bounded.js';
import { readChunks } from '../../files/lines.js';
import { decodeText, readBytes } from '../../files/text.js';
import { writeAtomically } from '../../files/write.js';
import { codePoints } from '../codepoints.js';
import type { Document } from '../document.js';
import { report } from '../fault.js';
import { checkNames } from '../write.js';
import { documentOfCas, maySpan, namedEntities, NAMED_ENTITY, passOver, type Cas } from './cas.js';
import { documentsOf, type ListedDocument } from './documents.js';
import { filesOf, type CorpusFile } from './files.js';
import { lostByLabel, type CorpusFormat, type Reading } from './format.js';

/** UIMA CAS as XMI: INCEpTION's exchange format, a file a document. */
export const xmi: CorpusFormat = {
  description: 'a UIMA CAS as XMI a document, with spans as NamedEntity: INCEpTION',
  offsets: 'UTF-16 units',
  endings: ['.xmi'],
  output: 'folder',
  read: (corpus, reading) => documentsOf(listed(corpus, reading), 'UTF-16 units', corpus, reading),
  write,
  lost: lostByLabel,
};

async function* listed(corpus: string, reading: Reading): AsyncGenerator<ListedDocument> {
  for (const file of await filesOf(corpus, xmi.endings)) {
    const cas = await readXmi(file, reading);
    if (!('message' in cas)) yield* documentOfCas(cas, { name: file.stem, file: file.path }, reading);
    else
      report(reading.faults, { file: file.path, kind: 'line', severity: 'error', ...cas }, reading.tolerant);
  }
}

/** The parser takes the square of it; a CAS has two or three. */
const DEEPEST = 300;

/** Reads a file as it comes, and keeps of it what may be spans; or says what is wrong with it. */
async function readXmi(
  { path: file, name }: CorpusFile,
  reading: Reading,
): Promise<Cas | { line: number; message: string }> {
  const parser = new SaxesParser({ xmlns: true });
  const cas: Cas = { sofas: [], annotations: [] };
  let problem: { line: number; message: string } | undefined;
  const fail = (message: string) => {
    problem = { line: parser.line, message };
    throw new InputError(message); // stops the parser
  };
  const parse = (step: () => void) => {
    try {
      step();
    } catch (error) {
      if (!problem) throw error;
    }
    return problem;
  };
  parser.on('error', ({ message }) =>
    fail(`it is not well-formed XML (${message.replace(/^\d+:\d+: /, '')}).`),
  );
  parser.on('doctype', () =>
    fail('it has a DOCTYPE, which may define entities: none is resolved here; take it out.'),
  );
  let depth = 0;
  parser.on('opentag', (tag) => {
    if (++depth > DEEPEST)
      fail(`it has more than ${DEEPEST} elements within each other, which no CAS has; export it again.`);
    takeElement(tag, parser.line, cas, reading);
  });
  parser.on('closetag', () => void depth--);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decoded = async (chunk?: Buffer) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      return decodeText(await readBytes(file), file); // throws, and says where
    }
  };
  reading.hash.update(`${name}\0`);
  for await (const chunk of readChunks(file)) {
    reading.hash.update(chunk);
    const text = await decoded(chunk);
    if (parse(() => parser.write(text))) return problem!;
  }
  const rest = await decoded();
  return parse(() => parser.write(rest).close()) ?? cas;
}

function takeElement(tag: SaxesTagNS, line: number, cas: Cas, reading: Reading): void {
  const own: Record<string, string> = {};
  let id = '';
  for (const { local, uri, value } of Object.values(tag.attributes)) {
    if (uri === '') own[local] = value;
    else if (uri === 'http://www.omg.org/XMI' && local === 'id') id = value;
  }
  const type = `${/^http:\/\/\/(.*)\.ecore$/.exec(tag.uri)?.[1]?.replaceAll('/', '.') ?? ''}.${tag.local}`;
  const { sofa = '', begin, end, ...features } = own;
  if (type === 'uima.cas.Sofa') cas.sofas.push({ id, view: own.sofaID ?? '', text: own.sofaString });
  else if (begin === undefined || end === undefined) return;
  else if (maySpan(type))
    cas.annotations.push({
      type,
      id,
      sofa,
      begin: wholeNumber(begin),
      end: wholeNumber(end),
      features,
      line,
    });
  else passOver(type, reading);
}

/** NaN where it is none: Number would take an empty text for 0, and 0x10 for 16. */
function wholeNumber(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

async function write(out: string, documents: readonly Document[]): Promise<void> {
  checkNames(documents);
  await writeAtomically(path.join(out, 'TypeSystem.xml'), TYPES);
  await mapBounded(documents, 16, (document) =>
    writeAtomically(path.join(out, `${document.name}.xmi`), formatXmi(document)),
  );
}

/** @throws InputError for a text with characters that XML has none of */
function formatXmi(document: Document): string {
  const { name, text } = document;
  const wrong = FORBIDDEN.exec(text);
  if (wrong) {
    const code = wrong[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    throw new InputError(
      `The document ${name} has the character U+${code} at ${codePoints(text).fromUtf16(wrong.index)}, which XML cannot hold; take it out, or convert to casjson.`,
    );
  }
  const elements = namedEntities(document).map(({ begin, end, ...features }, i) => {
    const own = Object.entries(features).map(([key, value]) => ` ${key}="${escaped(value)}"`);
    return `  <type:NamedEntity xmi:id="${i + 2}" sofa="1" begin="${begin}" end="${end}"${own.join('')}/>\n`;
  });
  const members = elements.map((_, i) => i + 2).join(' ');
  return `<?xml version="1.0" encoding="UTF-8"?>
<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" xmlns:type="http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore" xmi:version="2.0">
  <cas:NULL xmi:id="0"/>
${elements.join('')}  <cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text/plain" sofaString="${escaped(text)}"/>
  <cas:View sofa="1" members="${members}"/>
</xmi:XMI>
`;
}

/** What XML 1.0 has no way to write. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** An attribute's value. White space is escaped too, or every reader would make blanks of it. */
function escaped(value: string): string {
  return value.replace(/[&<>"\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The types that our files use, which dkpro-cassis asks for. */
const TYPES = `<?xml version="1.0" encoding="UTF-8"?>
<typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier">
  <types>
    <typeDescription>
      <name>${NAMED_ENTITY}</name>
      <description/>
      <supertypeName>uima.tcas.Annotation</supertypeName>
      <features>
${['value', 'identifier']
  .map(
    (name) => `        <featureDescription>
          <name>${name}</name>
          <description/>
          <rangeTypeName>uima.cas.String</rangeTypeName>
        </featureDescription>
`,
  )
  .join('')}      </features>
    </typeDescription>
  </types>
</typeSystemDescription>
`;
