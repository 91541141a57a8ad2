import { bytesOrZero, count, duration } from './setting-types.ts'

/** The logs in sandboxes. */
export const sandboxLogSettings = {
  sandboxLogMaxSize: {
    type: bytesOrZero, group: 'Containers', default: '0',
    about: 'A sandbox\'s `stdout` or `stderr` is rotated before it is longer than this, to `stdout.1` and so on. 0: never.',
  },
  sandboxLogMaxFiles: { type: count(1, 1000), group: 'Containers', default: '5', about: 'How many files of each are kept, the present one included.' },
} as const

export const logTimeSettings = {
  logFillTimeout: {
    type: duration(), group: 'Deadlines', default: '1m',
    about: 'After the end of a container, the rest of its output from the engine\'s log, where its pipe had broken.',
  },
  logHoldTimeout: {
    type: duration(), group: 'Deadlines', default: '10s',
    about: 'A container that writes faster than its output can be kept waits for this long at a time; then its pipe is dropped, and filled later.',
  },
} as const
