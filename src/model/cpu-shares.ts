/** As Mesos has it since 0.24: 1024 shares a cpu, and never less than the kernel's minimum. */
const sharesPerCpu = 1024
const minShares = 2

export function cpuShares (cpus: number): number {
  return Math.max(minShares, Math.floor(cpus * sharesPerCpu))
}

const cfsPeriodMicros = 100_000
const minQuotaMicros = 1_000

/** Of a period of 100 ms. */
export function cpuQuotaMicros (cpus: number): number {
  return Math.max(minQuotaMicros, Math.floor(cfsPeriodMicros * cpus))
}
