import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a program to its end; throws unless that is a good one. */
export async function run (program: string, args: readonly string[], input = ''): Promise<void> {
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit'] })
  const exited = once(child, 'exit') as Promise<[number | null]>
  child.stdin.end(input)
  const [code] = await exited
  if (code !== 0) throw new Error(`${program} ended with ${code}`)
}
