import { Option, type Command } from 'commander'
import { envOf, flagOf, groups, rows, settingNames, type SettingName } from '../model/settings.ts'
import { flag } from '../model/setting-types.ts'

/** Gives a command a flag for every row of the settings table, under our name and, unseen in the help, under Mesos's. */
export function addSettingFlags (command: Command, without: readonly SettingName[] = []): Command {
  const config = new Option('--config <path>', 'A JSON file of settings, by their names in docs/config.md (SLIPWAY_CONFIG).')
  command.addOption(config.helpGroup('Agent:'))
  for (const name of namesByGroup().filter(name => !without.includes(name))) {
    const { type, about, default: otherwise, defaultTold, group, mesos } = rows[name]
    const told = defaultTold?.replaceAll('`', '') ?? String(otherwise)
    const help = `${about} (default: ${told})`
    if (type === flag) addBoolean(command, name, help, `${group}:`)
    else command.addOption(new Option(`${flagOf(name)} <${type.shown}>`, help).helpGroup(`${group}:`))
    if (mesos === undefined || `--${mesos}` === flagOf(name)) continue
    command.addOption(new Option(type === flag ? `--${mesos} [boolean]` : `--${mesos} <${type.shown}>`).hideHelp())
    if (type === flag) command.addOption(new Option(`--no-${mesos}`).hideHelp())
  }
  return command.addHelpText('after', `
Every setting can also stand in the environment (${envOf('workDir')}) or in the config file ("workDir"):
a flag wins over the environment, the environment over the file. Flags and MESOS_* variables of a Mesos agent
that mean something here are understood under their Mesos names (--work_dir, MESOS_WORK_DIR). See docs/config.md.`)
}

export function namesByGroup (): SettingName[] {
  return groups.flatMap(group => settingNames.filter(name => rows[name].group === group))
}

function addBoolean (command: Command, name: string, help: string, group: string): void {
  command.addOption(new Option(`${flagOf(name)} [boolean]`, help).helpGroup(group))
  command.addOption(new Option(flagOf(name).replace('--', '--no-'), `The same as ${flagOf(name)} false.`).helpGroup(group))
}
