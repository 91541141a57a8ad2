const units = [['weeks', 604_800_000], ['days', 86_400_000], ['hrs', 3_600_000], ['mins', 60_000], ['secs', 1000], ['ms', 1]] as const

/** A duration as Mesos writes it, exact: "15mins", "90secs". */
export function mesosDuration (ms: number): string {
  const whole = Math.round(ms)
  const [name, size] = units.find(([, unitMs]) => whole >= unitMs && whole % unitMs === 0) ?? ['ms', 1]
  return `${whole / size}${name}`
}
