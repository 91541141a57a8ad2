import type { RequestListener } from 'node:http'

export interface HdfsFile { readonly body: Buffer, readonly modificationTime: number }

export interface HdfsNodes { readonly nameNode: RequestListener, readonly dataNode: RequestListener, readonly asked: string[] }

/** A name node and a data node as WebHDFS describes them. The data node cuts its first `cuts` answers in the middle. */
export function hdfsNodes (dataOrigin: () => string, files: Record<string, HdfsFile>, { cuts = 0, user = '' } = {}): HdfsNodes {
  const asked: string[] = []
  const exception = (name: string, message: string): string => JSON.stringify({ RemoteException: { exception: name, javaClassName: `x.${name}`, message } })
  let left = cuts
  return {
    asked,
    nameNode (request, response) {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://h')
      const path = decodeURIComponent(pathname).replace('/webhdfs/v1', '')
      const file = files[path]
      asked.push(`${request.method} ${searchParams.get('op')} ${path}`)
      if ((searchParams.get('user.name') ?? '') !== user) response.writeHead(403).end(exception('AccessControlException', 'Permission denied: user=nobody'))
      else if (path === '/') response.end(JSON.stringify({ FileStatus: { type: 'DIRECTORY', length: 0, modificationTime: 1 } }))
      else if (file === undefined) response.writeHead(404).end(exception('FileNotFoundException', `File does not exist: ${path}`))
      else if (searchParams.get('op') === 'GETFILESTATUS') {
        response.end(JSON.stringify({ FileStatus: { type: 'FILE', length: file.body.length, modificationTime: file.modificationTime } }))
      } else {
        const target = `${dataOrigin()}${request.url}&namenoderpcaddress=nn:8020`
        response.writeHead(307, { location: target, 'content-length': 0 }).end()
      }
    },
    dataNode (request, response) {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://h')
      const offset = Number(searchParams.get('offset') ?? 0)
      const body = files[decodeURIComponent(pathname).replace('/webhdfs/v1', '')]?.body ?? Buffer.alloc(0)
      asked.push(`data ${offset}`)
      response.writeHead(200, { 'content-length': body.length - offset })
      if (left-- > 0) response.write(body.subarray(offset, offset + 1000), () => { response.destroy() })
      else response.end(body.subarray(offset))
    },
  }
}

export const standby: RequestListener = (_request, response) => {
  response.writeHead(403, { 'content-type': 'application/json' })
    .end('{"RemoteException":{"exception":"StandbyException","javaClassName":"x","message":"Operation category READ is not supported in state standby"}}')
}
