import type { Command, Option } from 'commander'
import { listContainers } from './containers.ts'
import { isOver } from './container-report.ts'
import { findServer } from './server.ts'

/** A shell waits for this while a key is held. */
const answerMs = 1000

/** Commands for tasks that are not over. */
const forThoseThere: ReadonlySet<string> = new Set(['kill', 'stats', 'update'])

/** What the words before the last one, which is being typed, let it be. */
export async function complete (words: readonly string[], program: Command): Promise<number> {
  const typed = words.at(-1) ?? ''
  const found = (await candidates(words.slice(0, -1), typed, program)).filter(candidate => candidate.startsWith(typed))
  if (found.length > 0) process.stdout.write(`${found.join('\n')}\n`)
  return 0
}

async function candidates (before: readonly string[], typed: string, program: Command): Promise<string[]> {
  const [name, ...rest] = before
  if (name === undefined) return [...namesOf(program), ...optionsOf(program)]
  const command = program.commands.find(candidate => candidate.name() === name)
  if (command === undefined || rest.includes('--')) return []
  const option = optionThatWaits(command, rest.at(-1) ?? '')
  if (option !== undefined) return valuesOf(option)
  if (typed.startsWith('-')) return optionsOf(command)
  const argument = command.registeredArguments[0]
  if (argument?.argChoices !== undefined) return [...argument.argChoices]
  return argument?.name() === 'task' ? await tasks(before) : []
}

function namesOf (program: Command): string[] {
  return program.createHelp().visibleCommands(program).map(command => command.name())
}

function optionsOf (command: Command): string[] {
  return command.createHelp().visibleOptions(command).flatMap(option => option.long ?? option.short ?? [])
}

/** An option whose value comes next. */
function optionThatWaits (command: Command, word: string): Option | undefined {
  return command.options.find(option => option.required && (option.long === word || option.short === word))
}

function valuesOf (option: Option): string[] {
  if (option.argChoices !== undefined) return [...option.argChoices]
  return []
}

/** Those that are there; where no agent answers, none. */
async function tasks (before: readonly string[]): Promise<string[]> {
  try {
    const server = findServer({ ...valueOf(before, '--master', 'master'), ...valueOf(before, '--token-file', 'tokenFile') })
    const containers = await listContainers(server, AbortSignal.timeout(answerMs))
    const shown = forThoseThere.has(before[0] ?? '') ? containers.filter(container => !isOver(container)) : containers
    return [...new Set(shown.map(container => container.task_id))].sort()
  } catch {
    return []
  }
}

function valueOf (words: readonly string[], flag: string, name: string): Record<string, string> {
  const at = words.indexOf(flag)
  const value = at < 0 ? undefined : words[at + 1]
  return value === undefined ? {} : { [name]: value }
}
