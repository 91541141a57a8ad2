import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

export interface FtpFile { readonly body: Buffer, readonly modified?: string }

/** How a server misbehaves, one transfer after the other. */
export interface FtpFault { readonly cutAfter?: number, readonly hangAfter?: number, readonly then?: () => void }

export interface FakeFtpOptions {
  readonly files: Record<string, FtpFile>
  readonly faults?: readonly FtpFault[]
  /** TLS from the first byte, on the data connections too. */
  readonly tls?: TlsOptions
  /** In place of the answers to these commands. */
  readonly answers?: Readonly<Record<string, string>>
}

export interface FakeFtp extends AsyncDisposable { readonly port: number, readonly commands: string[] }

/** A server of a few commands, which can misbehave as a real one does not when it is asked to. */
export async function startFakeFtp (options: FakeFtpOptions): Promise<FakeFtp> {
  const commands: string[] = []
  const sockets = new Set<Socket>()
  const faults = [...options.faults ?? []]
  const listen = async (onSocket: (socket: Socket) => void): Promise<Server> => {
    const accept = (socket: Socket): void => { sockets.add(socket.on('error', () => {})); onSocket(socket) }
    const server = options.tls === undefined ? createServer(accept) : createTlsServer(options.tls, accept)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  const control = await listen(socket => { serve(socket, { ...options, commands, listen, nextFault: () => faults.shift() ?? {} }) })
  return {
    port: (control.address() as AddressInfo).port,
    commands,
    async [Symbol.asyncDispose] () {
      control.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

interface Serving extends FakeFtpOptions {
  readonly commands: string[]
  listen (onSocket: (socket: Socket) => void): Promise<Server>
  nextFault (): FtpFault
}

function serve (socket: Socket, { files, answers = {}, commands, listen, nextFault }: Serving): void {
  let offset = 0
  let data: Promise<Socket> | undefined
  const say = (line: string): void => { socket.write(`${line}\r\n`) }
  const handlers: Record<string, (word: string) => void> = {
    USER: () => { say('331 password') },
    PASS: () => { say('230 in') },
    FEAT: () => { say('211-\r\n SIZE\r\n211 end') },
    SIZE: name => { say(files[name] === undefined ? '550 no such file' : `213 ${files[name].body.length}`) },
    MDTM: name => { say(files[name]?.modified === undefined ? '502 what' : `213 ${files[name].modified}`) },
    REST: word => { offset = Number(word); say('350 go on') },
    EPSV: () => {
      data = new Promise(resolve => {
        void listen(one => { resolve(one) }).then(server => { say(`229 here (|||${(server.address() as AddressInfo).port}|)`); server.unref() })
      })
    },
    RETR: name => { void data?.then(to => { retrieve(to, files[name]) }) },
  }
  const retrieve = (to: Socket, file: FtpFile | undefined): void => {
    if (file === undefined) {
      say('550 no such file')
      to.destroy()
      return
    }
    const { cutAfter, hangAfter, then } = nextFault()
    const rest = file.body.subarray(offset)
    offset = 0
    say('150 here it comes')
    if (hangAfter !== undefined) to.write(rest.subarray(0, hangAfter))
    else if (cutAfter !== undefined) to.write(rest.subarray(0, cutAfter), () => { to.destroy(); socket.destroy(); then?.() })
    else to.end(rest, () => { say('226 done') })
  }
  say('220 hello')
  socket.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\r\n').filter(Boolean)) {
      const [command = '', ...words] = line.split(' ')
      commands.push(line)
      const answer = answers[command]
      if (answer !== undefined) say(answer)
      else (handlers[command] ?? (() => { say('200 as you like') }))(words.join(' '))
    }
  })
}
