import { exitCodes } from './exit-codes.ts'
import { findMaster, type MasterOptions } from './find-master.ts'
import { listenForInterrupts } from './interrupts.ts'
import { explain, UsageError } from './report.ts'
import { taskFromFile } from './task-file.ts'
import { taskFromOptions, type TaskOptions, type TaskWish } from './task-info.ts'
import { runTask } from './task-run.ts'

export interface RunOptions extends MasterOptions, Omit<TaskOptions, 'image'> {
  readonly image?: string
  readonly taskFile?: string
  readonly timeout?: number
  readonly detach?: boolean
}

/** `slipway run`: answers the exit code. */
export async function run (options: RunOptions, words: readonly string[]): Promise<number> {
  const wish = taskOf(options, words)
  const server = findMaster(options)
  using interrupts = listenForInterrupts()
  const screen = { stdout: process.stdout, stderr: process.stderr }
  try {
    const { exitCode, told } = await runTask(server, wish, {
      screen, stop: interrupts.stop, leave: interrupts.leave, offerTimeoutMs: options.timeout, detach: options.detach ?? false,
    })
    if (options.detach && exitCode === exitCodes.ok.code) screen.stdout.write(`${wish.task_id.value}\n`)
    if (told !== undefined) screen.stderr.write(`slipway: ${told}\n`)
    return exitCode
  } catch (error) {
    if (interrupts.leave.aborted) {
      screen.stderr.write('slipway: left while the task was being killed; the agent goes on with it\n')
      return exitCodes.interrupted.code
    }
    screen.stderr.write(explain(error))
    return exitCodes.notLaunched.code
  }
}

function taskOf (options: RunOptions, words: readonly string[]): TaskWish {
  const { image, taskFile } = options
  if (taskFile === undefined && image === undefined) throw new UsageError('name an image with --image, or a task file with --task-file')
  if (taskFile === undefined) return taskFromOptions({ ...options, image: image ?? '' }, words, process.env)
  const others = image ?? options.priority ?? options.env ?? options.uri ?? options.label ?? options.publish ?? options.volume ?? words[0]
  if (others !== undefined) throw new UsageError('--task-file says it all itself: no --image, -e, -p, -v, --uri, --label, --priority or command beside it')
  return taskFromFile(taskFile, options)
}
