import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestAgent, type TestAgent, type TestSettings } from './test-agent.ts'

/** An agent in this process that is asked to end, leaves what runs, and is started again on the same work directory and port. */
export class RestartingAgent implements AsyncDisposable {
  readonly #socket: string
  readonly #settings: TestSettings
  readonly #folder: string
  #port = 0
  now: TestAgent

  private constructor (socket: string, settings: TestSettings, folder: string, now: TestAgent) {
    this.#socket = socket
    this.#settings = settings
    this.#folder = folder
    this.now = now
    this.#port = Number(new URL(now.url).port)
  }

  static async start (socket: string, settings: TestSettings = {}): Promise<RestartingAgent> {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-restarting-'))
    const all = { ...settings, workDir: join(folder, 'work') }
    return new RestartingAgent(socket, all, folder, await startTestAgent(socket, all))
  }

  async leave (): Promise<void> { await this.now.stop('leave') }

  async comeBack (more: TestSettings = {}): Promise<void> {
    this.now = await startTestAgent(this.#socket, { ...this.#settings, port: this.#port, ...more })
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.now[Symbol.asyncDispose]()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
