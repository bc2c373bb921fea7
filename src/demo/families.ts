/** Where in a note a sentence stands. */
export type Section = 'history' | 'background' | 'examination' | 'tests' | 'course';

/**
 * Templates that say the same thing, in the notation of grammar.ts. `class` is whose the occupations in them are;
 * a family without it has none.
 */
export interface Family {
  section: Section;
  class?: string;
  /** The person spoken of is a relative of the patient's, old enough to have retired or not. */
  relative?: 'worker' | 'elder';
  templates: string[];
  /** Templates that only validation documents use. */
  unseen?: string[];
}
