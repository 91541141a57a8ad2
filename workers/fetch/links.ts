import { readlinkSync } from 'node:fs'
import { join } from 'node:path'

const maxHops = 40

/** Whether a symbolic link below the root leads out of it, by itself or through others; one that goes in circles counts as well. */
export function isOutward (root: string, name: string): boolean {
  const at: string[] = []
  const ahead = name.split('/')
  for (let hops = 0; ;) {
    const part = ahead.shift()
    if (part === undefined) return false
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (at.pop() === undefined) return true
      continue
    }
    const text = linkText(join(root, ...at, part))
    if (text === undefined) at.push(part)
    else if (text.startsWith('/') || ++hops > maxHops) return true
    else ahead.unshift(...text.split('/'))
  }
}

function linkText (path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined       // no link, or nothing there
  }
}
