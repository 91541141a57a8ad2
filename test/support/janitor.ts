/*  A process of its own that cleans up after a test run, whatever ended it: it waits for the end of its standard input, which the kernel
 *  closes when the run is killed.
 *    run  --> janitor   one line: the place, as JSON
 *         --> janitor   one line: the process whose end takes the run's namespaces along
 *         --> janitor   end of input: clean up now                                                                                       */
import { createInterface } from 'node:readline'
import { killIfThere, vacate, type EnginePlace } from './engine-place.ts'

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

const lines: string[] = []
for await (const line of createInterface({ input: process.stdin })) lines.push(line)

const [place, pid] = lines
if (pid !== undefined) killIfThere(Number(pid))
if (place !== undefined) await vacate(JSON.parse(place) as EnginePlace)
