import { closeSync, constants, existsSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../../test/support/eventually.ts'

/** A container that prints when it is told to, and where its output arrives. */
export interface Writer {
  /** Its sandbox, as the host has it. */
  readonly sandbox: string
  readonly output: string
}

const line = '0123456789abcdef'.repeat(8).slice(1)
const blockBytes = 2 ** 20
const lineBytes = line.length + 1

/** A shell line that prints so many MB each time when it is told to by a pipe in its sandbox, and a last line that says which time it was. */
export function burstShell (mb: number): string {
  return `yes ${line} | head -c ${blockBytes} > /tmp/block; busybox mkfifo $MESOS_SANDBOX/go; k=0
    while read x < $MESOS_SANDBOX/go; do for j in $(seq ${mb}); do cat /tmp/block; done; echo end $k; k=$((k+1)); done`
}

/** What such a container has printed after so many bursts, in pieces. */
export function* burstOutput (mb: number, bursts: number): Generator<string> {
  const block = `${line}\n`.repeat(blockBytes / lineBytes)
  for (let burst = 0; burst < bursts; burst++) {
    for (let piece = 0; piece < mb; piece++) yield block
    yield endOf(burst)
  }
}

function endOf (burst: number): string {
  return `end ${burst}\n`
}

/** Has all of them print; the time (ms) until the last byte has arrived. */
export async function burstMs (writers: readonly Writer[], burst: number, patienceMs: number): Promise<number> {
  for (const { sandbox } of writers) await eventually(() => existsSync(goOf(sandbox)), { withinMs: patienceMs, reason: `a writer in ${sandbox}` })
  const startedAtMs = performance.now()
  for (const { sandbox } of writers) await eventually(() => { tellToPrint(sandbox) }, { withinMs: patienceMs, everyMs: 1, reason: `a reader in ${sandbox}` })
  let waiting = writers
  await eventually(() => {
    waiting = waiting.filter(({ output }) => !endsWith(output, endOf(burst)))
    return waiting.length === 0
  }, { withinMs: patienceMs, everyMs: 5, reason: `the last line of ${writers.length} containers` })
  return performance.now() - startedAtMs
}

function goOf (sandbox: string): string {
  return join(sandbox, 'go')
}

/** Throws if it is not at the pipe yet. */
function tellToPrint (sandbox: string): void {
  const fd = openSync(goOf(sandbox), constants.O_WRONLY | constants.O_NONBLOCK)
  try {
    writeSync(fd, 'now\n')
  } finally {
    closeSync(fd)
  }
}

function endsWith (path: string, end: string): boolean {
  const tail = Buffer.alloc(end.length)
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    return size >= end.length && readSync(fd, tail, 0, end.length, size - end.length) === end.length && tail.toString() === end
  } finally {
    closeSync(fd)
  }
}
