import { choice, flag } from './setting-types.ts'

/** What becomes of tasks when the agent ends, and when it starts again. */
export const restartSettings = {
  recover: {
    type: choice(['reconnect', 'cleanup']), group: 'Agent', mesos: 'recover', default: 'reconnect',
    about: 'What becomes of the tasks of an earlier run: they go on, or they are ended and the agent ends too.',
  },
  strict: {
    type: flag, group: 'Agent', mesos: 'strict', default: 'true',
    about: 'The agent does not start when it cannot read all that an earlier run wrote down. Off: it starts with what can be read.',
  },
  shutdownContainers: {
    type: flag, group: 'Agent', default: 'false',
    about: 'SIGTERM and Ctrl-C end the tasks too. Off: they go on, and the next run of the agent finds them. SIGUSR1 ends them in any case.',
  },
} as const
