import { duration, fraction, list } from './setting-types.ts'

/** Rows of the table of settings. */
export const housekeepingSettings = {
  gcDelay: {
    type: duration(0), group: 'Housekeeping', mesos: 'gc_delay', default: '7d', defaultTold: '`7d`: a week',
    about: 'How long the sandbox of a task that has ended is kept, on an empty disk. The fuller the disk, the shorter: '
      + 'this times what is left of 1 when the headroom and the used part are taken off.',
  },
  gcDiskHeadroom: {
    type: fraction, group: 'Housekeeping', mesos: 'gc_disk_headroom', default: '0.1',
    about: 'The part of the work directory\'s disk that is to stay free: when less is, no sandbox of a task that has ended is kept.',
  },
  diskWatchInterval: {
    type: duration(10), group: 'Housekeeping', mesos: 'disk_watch_interval', default: '1m',
    about: 'How often the work directory\'s disk and the ages of sandboxes are looked at.',
  },
  imageGcHigh: {
    type: fraction, group: 'Housekeeping', default: undefined, defaultTold: 'none: images are kept',
    about: 'When the used part of the engine\'s disk is above this, images that no container uses are removed, those that were used longest ago first.',
  },
  imageGcLow: {
    type: fraction, group: 'Housekeeping', default: '0.8',
    about: 'Where `--image-gc-high` is set: images are removed until the used part is not above this any more.',
  },
  imageGcInterval: {
    type: duration(10), group: 'Housekeeping', default: '5m',
    about: 'Where `--image-gc-high` is set: how often the engine\'s disk is looked at.',
  },
  imageGcKeep: {
    type: list('image names; without a tag all tags are meant, a `*` at the end is anything', /^\S+$/), group: 'Housekeeping', default: '',
    defaultTold: 'none', about: 'Images that are never removed.',
  },
} as const
