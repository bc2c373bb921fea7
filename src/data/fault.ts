import { InputError } from '../errors.js';

/** Something wrong in a corpus. Errors stop a strict reader; what a warning names is skipped. */
export interface Fault {
  file: string;
  line?: number;
  kind: FaultKind;
  severity: 'error' | 'warning';
  message: string;
}

/** What is wrong with a line, a file or a document. */
export type FaultKind =
  | 'line' // not an annotation
  | 'fields' // too few fields, or too many
  | 'offsets' // not whole numbers, empty, or past the text
  | 'slice' // the text field is not the text at the offsets
  | 'discontinuous' // a span in several parts
  | 'identifier' // that of an earlier line
  | 'duplicate' // label and offsets of an earlier line
  | 'label' // a label of no task
  | 'pair' // a .txt without .ann or the reverse, or a document that a task lacks
  | 'text' // another text than the other task's
  | 'encoding' // not UTF-8
  | 'unread' // files that end in .TXT or .ANN, folders with texts
  | 'name' // of a document: that of another one, or none that a file can have
  | 'norm'; // a row of the NORM table that fits no document

/**
 * Adds a fault to the list.
 * @throws InputError instead where it is an error and the reader is not tolerant.
 */
export function report(faults: Fault[], fault: Fault, tolerant: boolean): void {
  if (fault.severity === 'error' && !tolerant) throw new InputError(formatFault(fault));
  faults.push(fault);
}

/** `file:line: message` */
export function formatFault({ file, line, message }: Fault): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${message}`;
}
