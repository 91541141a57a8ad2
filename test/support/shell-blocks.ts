import { readFileSync } from 'node:fs'

/** The blocks of a document that are marked as `sh`, one script. */
export function shellBlocks (document: string): string {
  return [...readFileSync(document, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block).join('\n')
}
