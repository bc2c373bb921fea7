/**
 * A concept of the demo's terminology and the words that mention it. Words are in the notation of grammar.ts.
 * The codes look like ESCO's and SNOMED CT's, but the table belongs to the demo alone: do not code with it.
 */
export interface Concept {
  code: string;
  /** The preferred term; with two genders it becomes `masculine/feminine`. */
  label: string;
  alternatives?: string[];
  /** Mentions of any document. */
  words: string[];
  /** Mentions with a complement, which no adjective can follow. */
  long?: string[];
  /** Mentions that only validation documents use. */
  unseen?: string[];
}
