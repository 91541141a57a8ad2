/** Log files of the sandbox, and our own folders while a fetch is under way. */
const reserved = /^(stdout|stderr|\.slipway-fetch-.*)$/
const maxPathBytes = 3_000

/** Why a name that somebody else chose may not be written below the sandbox; undefined if it may. */
export function pathFault (name: string): string | undefined {
  const parts = name.split('/')
  if (name.includes('\0')) return 'has a NUL in it'
  if (name.startsWith('/')) return 'is absolute'
  if (parts.includes('..')) return 'leads out of the sandbox'
  if (Buffer.byteLength(name) > maxPathBytes) return 'is too long'
  if (reserved.test(plainPath(name).split('/')[0] ?? '')) return 'is reserved'
  return undefined
}

/** Without empty parts and dots: `./a//b/` becomes `a/b`. Empty for the sandbox itself. */
export function plainPath (name: string): string {
  return name.split('/').filter(part => part !== '' && part !== '.').join('/')
}
