import { duration } from './setting-types.ts'

/** Times that executors are given. */
export const executorSettings = {
  executorRegistrationTimeout: {
    type: duration(), group: 'Deadlines', mesos: 'executor_registration_timeout', default: '1m', about: 'Stage register: an executor subscribes.',
  },
  executorShutdownGracePeriod: {
    type: duration(0), group: 'Deadlines', mesos: 'executor_shutdown_grace_period', default: '5s',
    about: 'From the word to an executor to end until its container is ended, unless it names its own time.',
  },
  executorReregistrationTimeout: {
    type: duration(), group: 'Deadlines', mesos: 'executor_reregistration_timeout', default: '2s', about: 'A lost executor tries again within this.',
  },
  recoveryTimeout: {
    type: duration(), group: 'Deadlines', mesos: 'recovery_timeout', default: '15m', about: 'An executor with checkpoints may be away this long.',
  },
} as const
