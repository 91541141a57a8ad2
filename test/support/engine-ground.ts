import { after, before } from 'node:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sandboxOf } from './agent-places.ts'
import { busyboxImage, ensureBusybox } from './images.ts'
import { nothingLeft } from './nothing-left.ts'
import { needsEngine, type Need } from './requires.ts'
import { startTestAgent, type TestAgent, type TestSettings } from './test-agent.ts'
import type { TestFramework } from './test-framework.ts'

/** The engine of the run, with one agent and one framework for all tests of a file. */
export interface EngineGround extends Need {
  readonly socket: string
  readonly image: string
  /** Both are there as long as tests run. */
  readonly agent: TestAgent
  readonly framework: TestFramework
  /** The path of a file in the sandbox of a task. */
  inSandbox (taskId: string, name: string): string
  /** What a task wrote there. */
  read (taskId: string, name?: string): Promise<string>
  /** Waits until the engine has no container of the agent any more. */
  nothingLeft (): Promise<void>
}

/** Opens it before the first test, and closes it after the last: then its tests have left nothing on the engine. */
export function engineGround (settings: TestSettings = {}): EngineGround {
  const { socket, skip } = needsEngine()
  let agent: TestAgent
  let framework: TestFramework
  before(async () => {
    if (skip !== false) return
    await ensureBusybox(socket)
    agent = await startTestAgent(socket, settings)
    framework = await agent.subscribe()
  })
  after(async () => {
    if (skip !== false) return
    try {
      await none()
    } finally {
      await agent[Symbol.asyncDispose]()
    }
  })
  const none = (): Promise<void> => nothingLeft(socket, agent.instanceId)
  const inSandbox = (taskId: string, name: string): string => join(sandboxOf(agent.workDir, framework.frameworkId, taskId), name)
  return {
    socket, skip, image: busyboxImage, inSandbox, nothingLeft: none,
    get agent () { return agent },
    get framework () { return framework },
    read: (taskId, name = 'stdout') => readFile(inSandbox(taskId, name), 'utf8'),
  }
}
