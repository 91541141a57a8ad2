import { decoded } from '../target-name.ts'

/** User and password of a URL as a header has them. */
export function basic ({ username, password }: URL): string {
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`
}
