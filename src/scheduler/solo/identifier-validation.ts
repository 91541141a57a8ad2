const maxLength = 255

/** Ids become names of folders. */
export function idFault (id: string): string | undefined {
  if (id === '') return 'ID must not be empty'
  if (id.length > maxLength) return `ID must not be greater than ${String(maxLength)} characters`
  if (id === '.' || id === '..') return `'${id}' is disallowed`
  return /[\u0000-\u001f\u007f/\\]/.test(id) ? `'${id}' contains invalid characters` : undefined
}

export function roleFault (role: string): string | undefined {
  if (role === '*') return undefined
  if (role === '') return 'Empty role name is invalid'
  if (role.startsWith('/')) return `Role '${role}' cannot start with a slash`
  if (role.endsWith('/')) return `Role '${role}' cannot end with a slash`
  for (const part of role.split('/')) {
    if (part === '') return `Role '${role}' cannot contain two adjacent slashes`
    if (part === '.' || part === '..' || part === '*') return `Role '${role}' cannot include '${part}' as a component`
    if (part.startsWith('-')) return `Role component '${part}' is invalid because it begins with a dash`
    if (/[\s\u0000]/.test(part)) return `Role component '${part}' is invalid because it contains whitespace`
  }
  return undefined
}
