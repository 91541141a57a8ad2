import { homedir, hostname } from 'node:os'
import type { Surroundings } from '../model/settings.ts'

/** The world around this process, as defaults of settings see it. */
export function surroundings (): Surroundings {
  return { env: process.env, isRoot: process.getuid?.() === 0, homeDir: homedir(), hostname: hostname() }
}
