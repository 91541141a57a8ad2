import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container } from '../../../src/containerizer/container.ts'
import { sendSignal, type SignalDeps } from '../../../src/containerizer/send-signal.ts'

const never = new AbortController().signal
const container = { spec: { name: 'mesos-c1' }, termination: undefined } as unknown as Container

/** What was sent, and by whom; `kernel`: whether the kernel's way is open. */
function ground (isOpen: boolean): { sent: string[], deps: SignalDeps } {
  const sent: string[] = []
  const byKernel = async (signal: string): Promise<boolean> => {
    if (isOpen) sent.push(`kernel ${signal}`)
    return isOpen
  }
  const deps = {
    engine: { kill: async (_name: string, signal: string) => { sent.push(`engine ${signal}`) } },
    engineWatch: { isUp: true },
    kernel: { follows: () => false, terminate: () => byKernel('SIGTERM'), send: (_one: Container, signal: string) => byKernel(signal) },
    lanes: { run: async (_ticket: unknown, operation: (signal: AbortSignal) => Promise<unknown>) => await operation(never) },
  } as unknown as SignalDeps
  return { sent, deps }
}

test('SIGTERM goes straight to the process of a container, and the engine is not asked', async () => {
  const { sent, deps } = ground(true)
  await sendSignal(container, 'SIGTERM', deps, never)
  assert.deepEqual(sent, ['kernel SIGTERM'])
})

test('the engine sends SIGTERM where the process cannot be told', async () => {
  const { sent, deps } = ground(false)
  await sendSignal(container, 'SIGTERM', deps, never)
  assert.deepEqual(sent, ['engine SIGTERM'])
})

test('SIGKILL is the engine\'s to send as long as it is well', async () => {
  const { sent, deps } = ground(true)
  await sendSignal(container, 'SIGKILL', deps, never)
  assert.deepEqual(sent, ['engine SIGKILL'])
})
