import type { Documents, Summary } from '../data.js';

/** The data that the file carries: JSON, compressed by gzip, in base64. */
export async function readSummary(): Promise<Summary> {
  return (await decode('summary')) as Summary;
}

export async function readDocuments(): Promise<Documents> {
  const documents = (await decode('documents')) as Documents;
  const concepts = Object.assign(Object.create(null), documents.concepts) as Documents['concepts'];
  return { ...documents, concepts }; // a label may be called `constructor`, which is no code
}

async function decode(id: string): Promise<unknown> {
  const script = document.getElementById(id)!;
  const binary = atob(script.textContent);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  script.remove(); // let go of the characters
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).json();
}
