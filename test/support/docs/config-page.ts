import { namesByGroup } from '../../../src/cli/setting-flags.ts'
import { envOf, flagOf, groups, mesosEnvOf, rows } from '../../../src/model/settings.ts'
import { page, table } from './markdown.ts'

/** docs/config.md, from the settings table. */
export function configPage (): string {
  return page('Settings of the agent',
    `A setting can be given as a flag, in the environment, or in a JSON file that \`--config\` or \`SLIPWAY_CONFIG\` names, there under
the name in the first column. A flag wins over the environment, the environment over the file, the file over the default. What is
wrong is told all at once, each fault with its source, and the agent ends with exit code 2.

Settings that a Mesos agent has as well are understood under its names too, as flag and as \`MESOS_…\` variable; where both are
given, our name wins.
A *time* always has its unit: \`500ms\`, \`5s\`, \`10m\`, \`1h\`, \`2d\`, or as Mesos writes it: \`5secs\`,
\`10mins\`, \`1hrs\`. A *size* is a number of bytes, or \`512k\`,
\`10m\`, \`2g\`, or as Mesos writes it: \`10MB\`.`,
    '```json\n{ "workDir": "/srv/slipway", "port": 5051, "pullTimeout": "5m", "authenticate": true }\n```',
    ...groups.map(group => `## ${group}\n\n${table(['name', 'flag and environment', 'value', 'default', 'about'], rowsOf(group))}`))
}

function rowsOf (group: string): string[][] {
  return namesByGroup().filter(name => rows[name].group === group).map(name => {
    const { type, default: otherwise, defaultTold, about, mesos } = rows[name]
    const given = [flagOf(name), envOf(name), ...(mesos === undefined ? [] : [`--${mesos}`, mesosEnvOf(mesos)])]
    const unique = [...new Set(given)].map(way => `\`${way}\``).join(' ')
    return [`\`${name}\``, unique, type.form, defaultTold ?? `\`${String(otherwise)}\``, about]
  })
}
