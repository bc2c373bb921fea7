import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readCorpus } from '../../../src/data/corpus.js';
import { formats } from '../../../src/data/formats/registry.js';
import { anyDocuments } from '../../support/anyCorpus.js';
import { asRead } from '../../support/asRead.js';
import { document, twoTasks } from '../../support/corpus.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const folder = temporaryFolders();
const head = `<?xml version="1.0" encoding="UTF-8"?>
<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" xmlns:tcas="http:///uima/tcas.ecore"
 xmlns:type="http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore" xmlns:custom="http:///webanno/custom.ecore"
 xmlns:seg="http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore"
 xmlns:pos="http:///de/tudarmstadt/ukp/dkpro/core/api/lexmorph/type/pos.ecore" xmi:version="2.0">`;
const sofa = (text: string) =>
  `<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text/plain" sofaString="${text}"/><cas:View sofa="1" members="2"/>`;
const entity = (begin: number, end: number, value: string) =>
  `<type:NamedEntity xmi:id="13" sofa="1" begin="${begin}" end="${end}" ${value}/>`;
const xmi = (...elements: string[]) => `${head}\n${elements.join('\n')}\n</xmi:XMI>`;
const readXmi = (content: string | Uint8Array, tolerant = false) =>
  asRead(folder(), { 'nota.xmi': content, 'TypeSystem.xml': '' }, { tolerant });
const readJson = (content: unknown, tolerant = false) =>
  asRead(folder(), { 'nota.json': JSON.stringify(content) }, { tolerant, format: 'casjson' });

describe('XMI', () => {
  test('has its offsets in UTF-16 units, its text wherever it stands, and codes', async () => {
    const { documents, spans } = await readXmi(
      xmi(entity(3, 6, 'value="PER" identifier="http://e/1"'), sofa('👩 Ana&#10;&#13;&#9;&lt;&amp;')),
    );
    expect(documents[0]!.text).toBe('👩 Ana\n\r\t<&');
    expect(spans).toEqual([['PER 2 5']]);
    expect(documents[0]!.codes).toEqual([{ start: 2, end: 5, text: 'Ana', code: 'http://e/1' }]);
  });

  test("has a project's own layers, of which the features that are labels count", async () => {
    const { spans, passedOver } = await readXmi(
      xmi(
        sofa('Ana en Lima'),
        '<tcas:DocumentAnnotation xmi:id="2" sofa="1" begin="0" end="11" language="es"/>',
        '<seg:Token xmi:id="3" sofa="1" begin="0" end="3"/><pos:POS xmi:id="4" sofa="1" begin="0" end="3" PosValue="N"/>',
        '<custom:Person xmi:id="5" sofa="1" begin="0" end="3" sure="yes" kind="PER"/>',
        '<custom:Place xmi:id="6" sofa="1" begin="7" end="11" note="LOC"/>',
        '<custom:In xmi:id="7" sofa="1" begin="0" end="3" label="LOC" Governor="5" Dependent="6"/>',
        '<custom:Place xmi:id="8" sofa="1" begin="7" end="11"/>',
        '<type:NamedEntity xmi:id="9" sofa="4" begin="7" end="11" value="LOC"/>',
      ),
    );
    expect(spans).toEqual([['PER 0 3', 'LOC 7 11']]);
    expect(passedOver).toEqual({
      'annotations of the type de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS': 1,
      relations: 1,
      'spans without a value': 1,
      'annotations of other views': 1,
    });
  });

  test.each<[string, string, RegExp]>([
    [
      'a document type',
      `<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<x>&b;</x>`,
      /^….nota\.xmi:2: it has a DOCTYPE, which may define entities: none is resolved here; take it out\.$/,
    ],
    ['an entity', xmi(sofa('&b;')), /^….nota\.xmi:6: it is not well-formed XML \(.*entity.*\)\.$/],
    ['no end', head, /^….nota\.xmi:5: it is not well-formed XML \(.*\)\.$/],
    [
      'no text',
      xmi(entity(0, 1, 'value="PER"')),
      /^….nota\.xmi: it has no text: no Sofa with a sofaString\.$/,
    ],
    [
      'elements deep within each other',
      `<x>\n${'<a>'.repeat(60_000)}`,
      /^….nota\.xmi:2: it has more than 300 elements within each other, which no CAS has; export it again\.$/,
    ],
    [
      'a span past the text',
      xmi(sofa('Ana'), entity(0, 4, 'value="PER"')),
      /^….nota\.xmi:7: element 13: PER 0 4 points past the 3 UTF-16 units of nota\.$/,
    ],
    [
      'a span inside of a character',
      xmi(sofa('👩 Ana'), entity(1, 2, 'value="PER"')),
      /:7: element 13: PER 1 2 begins or ends inside of a character; offsets count UTF-16 units\.$/,
    ],
    [
      'offsets that are none',
      xmi(sofa('Ana'), entity(0, Number('x'), 'value="PER"')),
      /:7: element 13: PER 0 NaN has offsets that are no whole numbers, 0 or more\.$/,
    ],
    [
      'an offset that is empty',
      xmi(sofa('Ana'), entity(0, 3, 'value="PER"').replace('begin="0"', 'begin=""')),
      /:7: element 13: PER NaN 3 has offsets that are no whole numbers, 0 or more\.$/,
    ],
    [
      'an offset in hexadecimal',
      xmi(sofa('Ana'), entity(0, 3, 'value="PER"').replace('end="3"', 'end="0x3"')),
      /:7: element 13: PER 0 NaN has offsets that are no whole numbers, 0 or more\.$/,
    ],
  ])('with %s is refused in a sentence', async (_, content, message) => {
    await expect(readXmi(content)).rejects.toThrow(message);
    expect((await readXmi(content, true)).faults).toHaveLength(1);
  });

  test('of another encoding is refused', async () => {
    await expect(readXmi(Buffer.from(xmi(sofa('médica')), 'latin1'))).rejects.toThrow(/nota\.xmi: not UTF-8 at byte \d+ \(0xe9\)/); // prettier-ignore
  });

  test('is not written of a text that XML has no characters for', async () => {
    const one = document('d', '👩\u0001');
    await expect(formats.xmi.write(folder(), [one], twoTasks)).rejects.toThrow(
      'The document d has the character U+0001 at 1, which XML cannot hold; take it out, or convert to casjson.',
    );
  });
});

describe('a CAS in JSON', () => {
  const cas = (text: string, ...structures: object[]) => ({
    '%TYPES': {},
    '%FEATURE_STRUCTURES': [
      { '%ID': 1, '%TYPE': 'uima.cas.Sofa', sofaNum: 1, sofaID: '_InitialView', sofaString: text },
      ...structures,
    ],
    '%VIEWS': { _InitialView: { '%SOFA': 1, '%MEMBERS': [] } },
  });
  const ner = 'de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity';
  const at = (begin: number, end: number) => ({ '%ID': 7, '@sofa': 1, begin, end });

  test('is read as XMI is', async () => {
    const { documents, spans, passedOver } = await readJson(
      cas(
        '👩 Ana',
        { '%TYPE': ner, ...at(3, 6), value: 'PER', identifier: 'x' },
        { '%TYPE': 'webanno.custom.Who', ...at(0, 2), kind: 'LOC', sure: true },
        { '%TYPE': 'webanno.custom.In', ...at(0, 2), '@Governor': 1, '@Dependent': 2, label: 'LOC' },
        { '%TYPE': 'uima.tcas.DocumentAnnotation', ...at(0, 6), language: 'es' },
      ),
    );
    expect(spans).toEqual([['LOC 0 1', 'PER 2 5']]);
    expect(documents[0]!.codes).toEqual([{ start: 2, end: 5, text: 'Ana', code: 'x' }]);
    expect(passedOver).toEqual({ relations: 1 });
  });

  test.each<[object, RegExp]>([
    [{}, /nota\.json: it is not a UIMA CAS in JSON: %FEATURE_STRUCTURES is missing\.$/],
    [
      cas('Ana', { '%TYPE': ner, ...at(0, 4), value: 'PER' }),
      /nota\.json: element 7: PER 0 4 points past the 3 UTF-16 units of nota\.$/,
    ],
    [{ '%FEATURE_STRUCTURES': [] }, /nota\.json: it has no text/],
  ])('that is wrong is refused in a sentence: %j', async (content, message) => {
    await expect(readJson(content)).rejects.toThrow(message);
    expect((await readJson(content, true)).faults).toHaveLength(1);
  });

  test('of 200 MB is refused, and nothing of it is read', async () => {
    const corpus = folder();
    const file = join(corpus, 'nota.json');
    writeSync(openSync(file, 'w'), '{"%TYPES": {}, ');
    truncateSync(file, 200 * 2 ** 20);
    await expect(readCorpus(corpus, twoTasks)).rejects.toThrow(
      `${file} is too large to be what it should: it has 200 MiB, and at most 64 MiB are read.`,
    );
  });

  test('is told from other JSON in a folder by how it begins', async () => {
    const corpus = { 'a.conll': 'Ana B-PER\n', 'settings.json': '{}' };
    expect((await asRead(folder(), corpus, {})).spans).toEqual([['PER 0 3']]);
  });
});

test.each(['xmi', 'casjson'] as const)('a corpus comes back as it was from %s', async (format) => {
  await fc.assert(
    fc.asyncProperty(anyDocuments, async (documents) => {
      const out = folder();
      // eslint-disable-next-line no-control-regex
      const isXml = ({ text }: { text: string }) => !/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text);
      fc.pre(format === 'casjson' || documents.every(isXml));
      await formats[format].write(out, documents, twoTasks);
      const again = await readCorpus(out, twoTasks, { format });
      expect(again.documents).toEqual(documents);
      expect(again.faults).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
