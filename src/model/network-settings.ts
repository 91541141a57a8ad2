import { list } from './setting-types.ts'
import type { Row } from './settings.ts'

/** Rows of the settings table: networks that are made for tasks. */
export const networkSettings = {
  createNetworks: {
    type: list('names of networks, `*` in them for anything', /^[a-zA-Z0-9*][a-zA-Z0-9_.*-]*$/), group: 'Policy', default: '', defaultTold: 'none',
    about: 'USER networks that are made for tasks that name them, one for each framework, and removed after their last container.',
  },
} as const satisfies Record<string, Row>
