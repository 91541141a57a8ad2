import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pages } from './docs/pages.ts'

/** `npm run docs`, from the project's folder. */
for (const [name, text] of Object.entries(await pages())) {
  writeFileSync(join('docs', name), text)
  process.stdout.write(`docs/${name}\n`)
}
