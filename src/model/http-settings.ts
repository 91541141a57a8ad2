import { flag, path, type SettingType } from './setting-types.ts'

const fileName: SettingType<string> = {
  ...path, form: 'the path of a file, with or without `file://`', parse: written => path.parse(written.replace(/^file:\/\//, '')),
}

/** Who may use the HTTP door, besides those who have the agent's own token. */
export const httpSettings = {
  authenticateReadonly: {
    type: flag, group: 'Agent', mesos: 'authenticate_http_readonly', default: 'true',
    about: 'Want the token also on what only looks on: /state, /files/…, /containers, /monitor/statistics, /metrics/snapshot, /flags. '
      + 'Off: everybody who reaches the door can read the output of tasks, and the web page of a Mesos master can show it.',
  },
  httpCredentials: {
    type: fileName, group: 'Agent', mesos: 'http_credentials', default: undefined, defaultTold: 'none',
    about: 'A file of names and passwords that do as the token does, by basic authentication: `{"credentials": [{"principal": "…", "secret": "…"}]}`.',
  },
} as const
