import { networks, swapPolicies } from './container-spec.ts'
import { choice, count, flag, list } from './setting-types.ts'
import { seccompProfile } from './seccomp-setting.ts'
import type { Row } from './settings.ts'

/** Rows of the settings table: what an operator lets tasks ask for, and what they get unasked. */
export const policySettings = {
  defaultNetwork: { type: choice(networks), group: 'Policy', default: 'host', about: 'The network of a task that names none.' },
  allowNetworks: {
    type: list('`host`, `bridge`, `none`, names of networks of the engine, `*` for all of those'), group: 'Policy', default: 'host,bridge,none',
    about: 'The networks that tasks may use.',
  },
  createNetworks: {
    type: list('names of networks, `*` in them for anything', /^[a-zA-Z0-9*][a-zA-Z0-9_.*-]*$/), group: 'Policy', default: '', defaultTold: 'none',
    about: 'USER networks that are made for tasks that name them, one for each framework, and removed after their last container.',
  },
  hostNetworkDropCaps: {
    type: list('capabilities', /^\w+$/), group: 'Policy', default: 'NET_RAW',
    about: 'Capabilities that a task on host networking does not get: with NET_RAW it could read and forge the packets of all others.',
  },
  allowHostPaths: {
    type: list('absolute paths', /^\//), group: 'Policy', default: '', defaultTold: 'none',
    about: 'Folders of this host of which tasks may mount what is in them. It is the real path that counts, after all symbolic links.',
  },
  allowVolumeDrivers: { type: list('names of drivers'), group: 'Policy', default: 'local', about: 'Drivers of the volumes that tasks may name.' },
  allowPrivileged: { type: flag, group: 'Policy', default: 'false', about: 'Tasks may be privileged: root in them is root on this host.' },
  allowCapabilities: {
    type: list('capabilities, or `ALL`', /^\w+$/), group: 'Policy', default: '', defaultTold: 'none',
    about: 'Capabilities that tasks may add with the parameter cap-add.',
  },
  allowDevices: {
    type: list('absolute paths', /^\//), group: 'Policy', default: '', defaultTold: 'none',
    about: 'Devices that tasks may have with the parameter device, or folders of them.',
  },
  allowRuntimes: { type: list('names'), group: 'Policy', default: '', defaultTold: 'none', about: 'Runtimes of the engine that tasks may choose.' },
  allowHostNamespaces: { type: flag, group: 'Policy', default: 'false', about: 'Tasks may share the host\'s namespaces (ipc, pid, uts, userns, cgroupns).' },
  allowSecurityOptions: { type: flag, group: 'Policy', default: 'false', about: 'Tasks may weaken their confinement with the parameter security-opt.' },
  seccompProfile: {
    type: seccompProfile, group: 'Policy', default: 'engine',
    about: 'Which system calls containers may make: the engine\'s default; `native`: the same without 32-bit programs, and faster to launch; or a file.',
  },
  allowResourceParameters: {
    type: flag, group: 'Policy', default: 'false',
    about: 'Tasks may set CPU, memory and process limits by parameters, past what the scheduler accounts for.',
  },
  allowParameters: {
    type: list('names of parameters, or `*`'), group: 'Policy', default: '*',
    about: 'Parameters of `docker run` that tasks may use, of those that are supported at all.',
  },
  driverExecutors: { type: flag, group: 'Policy', default: 'true', about: 'Serve executors of the older driver (libprocess) on host networking.' },
  dockerUser: {
    type: flag, group: 'Policy', default: 'true',
    about: 'A task\'s `command.user` is the user in its container. Off: it is passed over, as Mesos does.',
  },
  allowUsers: {
    type: list('names or numbers as tasks write them, `*` for all'), group: 'Policy', default: '*',
    about: 'The users that tasks may ask for; one that asks for none runs as its image says.',
  },
  memorySwap: {
    type: choice(swapPolicies), group: 'Policy', default: 'double',
    about: 'Swap of a container: as much again as its memory, none, or all there is.',
  },
  pidsLimit: { type: count(0, 4_194_304), group: 'Policy', default: '4096', about: 'Processes and threads that a container may have; 0 is no limit.' },
  cgroupsEnableCfs: {
    type: flag, group: 'Policy', mesos: 'cgroups_enable_cfs', default: 'false',
    about: 'A task without a CPU limit is held to the CPUs that it asked for, also where others idle.',
  },
} as const satisfies Record<string, Row>
