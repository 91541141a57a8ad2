import { Cli } from './cli-process.ts'

type Kept = Readonly<Record<'container' | 'executor' | 'framework' | 'task' | 'update', Readonly<Record<string, object>>>>

/** What an agent on this work directory has on the disk by now, whether it runs or not. */
export async function keptRecords (workDir: string): Promise<Kept> {
  const { stdout } = await new Cli({}).run('debug', 'checkpoint', '--json', '--work-dir', workDir)
  return JSON.parse(stdout) as Kept
}
