/** A shell command that writes a program of these machine instructions (x86-64 Linux, static) and makes it executable. */
export function writeProgram (path: string, code: readonly number[]): string {
  const base = 0x400000
  const headersSize = 64 + 56
  const file = Buffer.alloc(headersSize + code.length)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0)                 // ELF, 64 bits, little-endian
  file.writeUInt16LE(2, 16); file.writeUInt16LE(62, 18); file.writeUInt32LE(1, 20)      // executable, x86-64
  file.writeBigUInt64LE(BigInt(base + headersSize), 24)           // entry
  file.writeBigUInt64LE(64n, 32)                                  // program headers
  file.writeUInt16LE(64, 52); file.writeUInt16LE(56, 54); file.writeUInt16LE(1, 56)
  file.writeUInt32LE(1, 64); file.writeUInt32LE(5, 68)            // one: load, read and execute
  file.writeBigUInt64LE(BigInt(base), 80); file.writeBigUInt64LE(BigInt(base), 88)
  file.writeBigUInt64LE(BigInt(file.length), 96); file.writeBigUInt64LE(BigInt(file.length), 104)
  file.writeBigUInt64LE(0x1000n, 112)
  file.set(code, headersSize)
  const octal = [...file].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  return `printf '${octal}' > ${path} && chmod 755 ${path}`
}

const word = (value: number): number[] => [...Buffer.from(Uint32Array.of(value).buffer)]
/** Ends with 0 if eax is not negative, else with the error number in it. */
const exit = [0x31, 0xff, 0x85, 0xc0, 0x79, 0x04, 0xf7, 0xd8, 0x89, 0xc7, 0xb8, ...word(60), 0x0f, 0x05]

/** A system call with one argument, and the exit code tells how it went. */
export const calls = {
  native: (number: number, argument: number): number[] => [0xbf, ...word(argument), 0xb8, ...word(number), 0x0f, 0x05, ...exit],
  /** Of the 32-bit ABI. */
  of32Bit: (number: number, argument: number): number[] => [0xbb, ...word(argument), 0xb8, ...word(number), 0xcd, 0x80, ...exit],
} as const
