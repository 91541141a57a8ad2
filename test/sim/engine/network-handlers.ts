import { ok, type Handler } from './handler.ts'
import { Refusal } from './refusal.ts'

/** The networks that every engine has. The bridge's gateway is an address of this machine, so that something can listen there. */
const gateways: Readonly<Record<string, string | undefined>> = { bridge: '127.0.0.2', host: undefined, none: undefined }

export const inspect: Handler = ({ subject }) => {
  if (!Object.hasOwn(gateways, subject)) throw new Refusal(404, `network ${subject} not found`)
  const gateway = gateways[subject]
  return ok({ Name: subject, Driver: subject, Scope: 'local', IPAM: { Driver: 'default', Config: gateway === undefined ? [] : [{ Gateway: gateway }] } })
}
