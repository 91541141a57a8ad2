import { dockerConfig } from './docker-config-setting.ts'
import { flag, list } from './setting-types.ts'
import type { Row } from './settings.ts'

/** Rows of the settings table: whose credentials a pull has. */
export const imageSettings = {
  dockerConfig: {
    type: dockerConfig, group: 'Containers', mesos: 'docker_config', default: undefined, defaultTold: 'none',
    about: 'Credentials for registries: a docker config.json. A task that fetches one of its own is pulled for with that instead.',
  },
  alwaysPull: {
    type: flag, group: 'Policy', default: 'false',
    about: 'Every image is pulled anew, so that every task shows its credentials. Off: an image that the engine has is anybody\'s.',
  },
  allowCredentialHelpers: {
    type: list('names, as in `docker-credential-NAME`'), group: 'Policy', default: '', defaultTold: 'none',
    about: 'Credential helpers that a task\'s own docker config may name; they run as the agent does. Those of --docker-config need no leave.',
  },
} as const satisfies Record<string, Row>
