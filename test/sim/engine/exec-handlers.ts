import { randomBytes } from 'node:crypto'
import { environmentOf, type CreateBody } from './container.ts'
import { environmentIn } from './create.ts'
import { findContainer, type Daemon } from './daemon.ts'
import { ok, parseBody, type Handler } from './handler.ts'
import { execFailure, firstCursor, stepsOf } from './program.ts'
import { Refusal } from './refusal.ts'
import { startProgram } from './runner.ts'

/** A command in a running container. */
export interface Exec { readonly argv: readonly string[], readonly environment: ReadonlyMap<string, string>, exitCode: number | null, isRunning: boolean }

export const create: Handler = request => {
  const { daemon, subject } = request
  const container = findContainer(daemon, subject)
  if (container.state !== 'running') throw new Refusal(409, `Container ${container.id} is not running`)
  const { Cmd: argv, Env } = parseBody<{ Cmd: string[], Env?: CreateBody['Env'] }>(request)
  const id = randomBytes(32).toString('hex')
  const environment = new Map([...environmentIn(container), ...environmentOf({ Env: Env ?? [] })])
  daemon.execs.set(id, { argv, environment, exitCode: null, isRunning: false })
  return { status: 201, json: { Id: id } }
}

/** Its output is kept from nobody, as it is from everybody: the end of the answer is the end of the command. */
export const start: Handler = ({ daemon, subject }) => {
  const exec = execOf(daemon, subject)
  return {
    async tell (outlet) {
      exec.isRunning = true
      const failure = execFailure(exec.argv)
      const steps = stepsOf(exec.argv, exec.environment) ?? []
      const program = startProgram(steps, firstCursor(), { write: (_, data) => outlet.write(data), onMove: () => {} })
      const exitCode = failure?.exitCode ?? await program.exitCode
      Object.assign(exec, { isRunning: false, exitCode })
    },
  }
}

export const inspect: Handler = ({ daemon, subject }) => {
  const { isRunning, exitCode } = execOf(daemon, subject)
  return ok({ ID: subject, Running: isRunning, ExitCode: exitCode, Pid: 0 })
}

function execOf ({ execs }: Daemon, id: string): Exec {
  const exec = execs.get(id)
  if (exec === undefined) throw new Refusal(404, `No such exec instance: ${id}`)
  return exec
}
