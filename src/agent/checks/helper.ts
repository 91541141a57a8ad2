import { spawn, type ChildProcess } from 'node:child_process'
import { deferred } from '../../base/deferred.ts'
import { race } from '../../base/deadline.ts'
import { AgentError, messageOf } from '../../model/errors.ts'

/** A process in a container's network namespace that connects where it is told to. */
export interface Helper {
  readonly isOver: () => boolean
  /** One line in, one line out; one question at a time. A signal that aborts ends the helper. Throws NOT_SUPPORTED when it is no more. */
  ask (question: string, signal: AbortSignal): Promise<string>
  end (): void
}

/**
 * Host, port, and for HTTP the Host header and the path, in; `refused`, or `connected` and the first line that came back, out. Shell builtins alone:
 * a look starts no process, and there is no tree of them to end. It ends with its input, whatever ends the agent.
 */
const script = `trap '' PIPE
echo ready
while read -r host port header path; do
  if ! { exec 3<>"/dev/tcp/$host/$port"; } 2>/dev/null; then echo refused; continue; fi
  line=
  if [[ $path ]]; then
    printf 'GET %s HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' "$path" "$header" >&3
    IFS= read -r -n 200 -u 3 line
  fi
  exec 3>&-
  printf 'connected %s\\n' "$line"
done`

const command = ['--net=/proc/self/fd/3', '--', 'bash', '--noprofile', '--norc', '-c', script]

/** Throws NOT_SUPPORTED where this host cannot. */
export async function startHelper (namespaceFd: number, signal: AbortSignal): Promise<Helper> {
  const helper = speakWith(spawnInside(namespaceFd))
  try {
    await helper.ask('', signal)
    return helper
  } catch (error) {
    helper.end()
    throw error
  }
}

function spawnInside (namespaceFd: number): ChildProcess {
  const { PATH = '' } = process.env
  try {
    return spawn('nsenter', command, { cwd: '/', env: { PATH, LC_ALL: 'C' }, stdio: ['pipe', 'pipe', 'ignore', namespaceFd] })
  } catch (error) {
    throw new AgentError('NOT_SUPPORTED', `no process can be started: ${messageOf(error)}`)      // out of memory, for one
  }
}

function speakWith (child: ChildProcess): Helper {
  let isOver = false
  let said = ''
  let awaited = deferred<string>()

  function fail (why: string): void {
    isOver = true
    awaited.promise.catch(() => {})
    awaited.reject(new AgentError('NOT_SUPPORTED', `the helper (nsenter, bash) in the container's network namespace ended: ${why}`))
  }

  child.once('error', error => { fail(error.message) })
  child.once('close', (code, unixSignal) => { fail(unixSignal ?? `exit status ${code}`) })
  child.stdin?.on('error', () => {})                      // its end is told by `close`
  child.stdout?.setEncoding('latin1').on('data', (text: string) => {
    said += text
    const end = said.indexOf('\n')
    if (end < 0) return
    awaited.resolve(said.slice(0, end))
    said = said.slice(end + 1)
  })
  return {
    isOver: () => isOver,
    async ask (question, signal) {
      if (question !== '') {
        awaited = isOver ? awaited : deferred<string>()
        child.stdin?.write(`${question}\n`, 'latin1')
      }
      try {
        return await race(awaited.promise, signal)
      } catch (error) {
        this.end()
        throw error
      }
    },
    end () {
      isOver = true
      child.kill('SIGKILL')
    },
  }
}
