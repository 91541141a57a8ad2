import { join } from 'node:path'

/** The folders of the cache, and the files of an entry. An entry is there whole or not at all: it comes and goes by one rename. */
export const places = {
  entries: (dir: string): string => join(dir, 'entries'),
  /** What is on its way in or out. Nothing in it outlives the agent. */
  passing: (dir: string): string => join(dir, 'passing'),
  entry: (dir: string, id: string): string => join(dir, 'entries', id),
  incoming: (dir: string, id: string): string => join(dir, 'passing', `${id}.in`),
  outgoing: (dir: string, id: string): string => join(dir, 'passing', `${id}.out`),
} as const

export const contentName = 'content'
export const aboutName = 'about.json'
