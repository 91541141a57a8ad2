import type { IncomingMessage } from 'node:http'
import type { Daemon } from './daemon.ts'
import type { Outlet } from './outlet.ts'
import { Refusal } from './refusal.ts'

export interface Request {
  readonly daemon: Daemon
  /** The container or image in the path, as the client wrote it. */
  readonly subject: string
  readonly query: URLSearchParams
  readonly body: IncomingMessage
  /** The body, read; of an import it is not. */
  readonly text: string
}

export interface PlainAnswer { readonly status: number, readonly json?: unknown, readonly text?: string }

/** A body that takes its time; it ends when `tell` does. */
export interface StreamAnswer { readonly tell: (outlet: Outlet) => Promise<void> }

export type Answer = PlainAnswer | StreamAnswer

export type Handler = (request: Request) => Answer | Promise<Answer>

export const ok = (json: unknown): PlainAnswer => ({ status: 200, json })
export const noContent: PlainAnswer = { status: 204 }
export const notModified: PlainAnswer = { status: 304 }

export function isSet (query: URLSearchParams, name: string): boolean {
  return ['1', 'true', 'True'].includes(query.get(name) ?? '')
}

export function parseBody<T> ({ text }: Request): T {
  try {
    return JSON.parse(text === '' ? '{}' : text) as T
  } catch (error) {
    throw new Refusal(500, (error as Error).message)
  }
}
