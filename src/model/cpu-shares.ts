/** As Mesos has it since 0.24: 1024 shares a cpu, and never less than the kernel's minimum. */
const sharesPerCpu = 1024
const minShares = 2

export function cpuShares (cpus: number): number {
  return Math.max(minShares, Math.floor(cpus * sharesPerCpu))
}
