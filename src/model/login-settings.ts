import { duration, path, type SettingType } from './setting-types.ts'

const file: SettingType<string> = {
  ...path, form: 'the path of a file, with or without `file://`', parse: written => path.parse(written.replace(/^file:\/\//, '')),
}

/** How the leading master is found, and how this agent proves to it who it is. */
export const loginSettings = {
  credential: {
    type: file, group: 'Cluster', mesos: 'credential', default: undefined, defaultTold: 'none: the agent does not log in',
    about: 'A file with the principal and the secret by which the agent logs in to masters (CRAM-MD5): JSON `{"principal": "…", "secret": "…"}`.',
  },
  authenticationTimeoutMin: {
    type: duration(), group: 'Cluster', mesos: 'authentication_timeout_min', default: '5s', about: 'The shortest time that a login may take.',
  },
  authenticationTimeoutMax: {
    type: duration(), group: 'Cluster', mesos: 'authentication_timeout_max', default: '1m',
    about: 'The longest time that a login may take; each one in vain gives the next one longer.',
  },
  authenticationBackoffFactor: {
    type: duration(), group: 'Cluster', mesos: 'authentication_backoff_factor', default: '1s',
    about: 'By how much it is longer at first.',
  },
  zkSessionTimeout: {
    type: duration(500), group: 'Cluster', mesos: 'zk_session_timeout', default: '10s',
    about: 'When ZooKeeper cannot be reached for this long, its leader counts as lost. A server that says nothing for two thirds of it is left for another.',
  },
} as const
