import { path, type SettingType } from './setting-types.ts'

/** The engine's own, ours, or the path of one. */
export const seccompProfile: SettingType<string> = {
  shown: 'engine|native|path',
  form: '`engine`, `native`, or the path of a profile as `docker run --security-opt seccomp=` takes it',
  parse: written => written === 'engine' || written === 'native' ? written : path.parse(written),
}
