import { executorVariables } from './executor-variables-setting.ts'
import { duration } from './setting-types.ts'

/** What executors are given. */
export const executorSettings = {
  executorEnvironmentVariables: {
    type: executorVariables, group: 'Containers', mesos: 'executor_environment_variables', default: undefined, defaultTold: 'none',
    about: 'What executors in containers find in their environment, over what they ask for themselves.',
  },
  executorRegistrationTimeout: {
    type: duration(), group: 'Deadlines', mesos: 'executor_registration_timeout', default: '1m', about: 'Stage register: an executor subscribes.',
  },
  executorShutdownGracePeriod: {
    type: duration(0), group: 'Deadlines', mesos: 'executor_shutdown_grace_period', default: '5s',
    about: 'From the word to an executor to end until its container is ended, unless it names its own time.',
  },
  executorReregistrationTimeout: {
    type: duration(), group: 'Deadlines', mesos: 'executor_reregistration_timeout', default: '2s',
    about: 'An executor that lost the agent tries again within this; after a restart of the agent it has twice as long to be back.',
  },
  recoveryTimeout: {
    type: duration(), group: 'Deadlines', mesos: 'recovery_timeout', default: '15m', about: 'An executor with checkpoints may be away this long.',
  },
} as const
