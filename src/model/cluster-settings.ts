import { isIP } from 'node:net'
import { choice, count, duration, flag, refuse, text, type SettingType } from './setting-types.ts'

const ownAddress: SettingType<string> = {
  shown: 'ip', form: 'an IP address', parse: written => isIP(written) === 0 ? refuse('an IP address') : written,
}

/** How this agent belongs to an Apache Mesos cluster. */
export const clusterSettings = {
  master: {
    env: 'SLIPWAY_CLUSTER_MASTER',      // SLIPWAY_MASTER is where clients find the agent
    type: text('`host:port`, `zk://h1:p1,h2:p2/path`, or `file://` a file that holds one of these'), group: 'Cluster', mesos: 'master',
    default: undefined, defaultTold: 'none: the agent serves its own host alone',
    about: 'The master of the Apache Mesos cluster whose agent this one is to be.',
  },
  advertiseIp: {
    type: ownAddress, group: 'Cluster', mesos: 'advertise_ip', default: undefined, defaultTold: 'that of `--ip`',
    about: 'Where masters and executors reach this agent, if that is not the address that it listens on.',
  },
  advertisePort: {
    type: count(1, 65535), group: 'Cluster', mesos: 'advertise_port', default: undefined, defaultTold: 'that of `--port`',
    about: 'The port at which masters reach this agent.',
  },
  registrationBackoffFactor: {
    type: duration(), group: 'Cluster', mesos: 'registration_backoff_factor', default: '1s',
    about: 'The agent asks a master to take it in after a random part of this, and again with growing waits up to a minute.',
  },
  domain: {
    type: text('JSON as Mesos has it: `{"fault_domain":{"region":{"name":"eu"},"zone":{"name":"a"}}}`'), group: 'Cluster', mesos: 'domain', default: undefined,
    defaultTold: 'none', about: 'The fault domain that this host is in.',
  },
  reconfigurationPolicy: {
    type: choice(['equal', 'additive']), group: 'Cluster', mesos: 'reconfiguration_policy', default: 'equal',
    about: 'Whether an agent that a master knows may come back with more resources or attributes than it had, or with the same alone.',
  },
  requirePeerAddress: {
    type: flag, group: 'Cluster', default: 'true',
    about: 'Take a master\'s messages from the address alone that it is known by. Off: for masters behind a translation of addresses.',
  },
} as const
