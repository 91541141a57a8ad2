import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressesOf, type NameSources } from '../../../../workers/fetch/resolve-host.ts'

const hosts = '127.0.0.1\tlocalhost me # comment other\n\n::1 localhost\n10.0.0.7 Server.Example  server\nfd00::7 server\n'

function sources (answers: Record<string, string[]> = {}, resolvConf = ''): NameSources & { asked: string[] } {
  const asked: string[] = []
  return {
    asked, hosts, resolvConf,
    async resolve (name, family) {
      if (family === 4) asked.push(name)
      const answer = answers[`${name}/${family}`]
      if (answer === undefined) throw Object.assign(new Error('query failed'), { code: 'ENOTFOUND' })
      return answer
    },
  }
}

test('the hosts file goes before name servers, version 4 first, whatever the case', async () => {
  const none = sources()
  assert.deepEqual(await addressesOf('SERVER', none), [{ address: '10.0.0.7', family: 4 }, { address: 'fd00::7', family: 6 }])
  assert.deepEqual(await addressesOf('server.example.', none), [{ address: '10.0.0.7', family: 4 }])
  assert.deepEqual(await addressesOf('app.localhost', none), [{ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 }])
  assert.deepEqual(none.asked, [])
  await assert.rejects(addressesOf('other', none), { code: 'ENOTFOUND' })
})

test('name servers are asked for both families, and one of them is enough', async () => {
  const both = sources({ 'h.example/4': ['10.0.0.1', '10.0.0.2'], 'h.example/6': ['fd00::1'] })
  assert.deepEqual((await addressesOf('h.example', both)).map(({ address }) => address), ['10.0.0.1', '10.0.0.2', 'fd00::1'])
  assert.deepEqual(await addressesOf('six.example', sources({ 'six.example/6': ['fd00::6'] })), [{ address: 'fd00::6', family: 6 }])
})

test('search domains are tried in the order that resolv.conf asks for', async () => {
  const resolvConf = 'nameserver 10.0.0.53\nsearch a.example b.example\n'
  const found = sources({ 'files.b.example/4': ['10.0.0.9'] }, resolvConf)
  assert.deepEqual(await addressesOf('files', found), [{ address: '10.0.0.9', family: 4 }])
  assert.deepEqual(found.asked, ['files.a.example', 'files.b.example'])
  const dotted = sources({}, resolvConf)
  await assert.rejects(addressesOf('x.y', dotted), { message: 'the name x.y cannot be resolved (ENOTFOUND)' })
  assert.deepEqual(dotted.asked, ['x.y', 'x.y.a.example', 'x.y.b.example'])
  const manyDots = sources({}, `${resolvConf}options timeout:1 ndots:5\n`)
  await assert.rejects(addressesOf('x.y', manyDots))
  assert.deepEqual(manyDots.asked, ['x.y.a.example', 'x.y.b.example', 'x.y'])
  const rooted = sources({}, resolvConf)
  await assert.rejects(addressesOf('x.', rooted))
  assert.deepEqual(rooted.asked, ['x'])
})
