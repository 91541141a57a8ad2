// An engine that ends leaves its bridge, its iptables rules and IP forwarding behind. The one that was started for `npm start` shall not.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const forwarding = '/proc/sys/net/ipv4/ip_forward'
const tools = { 'iptables-save': 'iptables-restore', 'ip6tables-save': 'ip6tables-restore' }
const ofDocker = /docker|br-[0-9a-f]{12}/i

/** Writes down how the network is before the engine starts. */
export function rememberNetwork (file) {
  const rules = Object.fromEntries(Object.keys(tools).map(save => [save, outputOf(save)]))
  writeFileSync(file, JSON.stringify({ rules, forwarding: readFileSync(forwarding, 'utf8') }))
}

/** Takes away what the engine added; what others have added since stays. */
export function restoreNetwork (file) {
  if (!existsSync(file)) return
  const before = JSON.parse(readFileSync(file, 'utf8'))
  for (const [save, restore] of Object.entries(tools)) {
    const undo = undoScript(before.rules[save], outputOf(save))
    if (undo !== '') spawnSync(restore, ['--noflush'], { input: undo, stdio: ['pipe', 'ignore', 'ignore'] })
  }
  for (const bridge of bridges()) spawnSync('ip', ['link', 'delete', bridge], { stdio: 'ignore' })
  writeFileSync(forwarding, before.forwarding)
}

/** For iptables-restore: new rules of Docker are deleted, then its chains; FORWARD has its policy back. */
function undoScript (before, now) {
  const known = new Set(before.split('\n'))
  const lines = []
  let touched = false
  for (const line of now.split('\n')) {
    if (line.startsWith('*')) lines.push(line, ...policyOf(before, line))
    if (line === 'COMMIT') lines.push(...newChains(before, now, lines.findLast(each => each.startsWith('*'))), line)
    if (!line.startsWith('-A ') || known.has(line) || !ofDocker.test(line)) continue
    lines.push(`-D ${line.slice(3)}`)
    touched = true
  }
  return touched ? lines.map(line => `${line}\n`).join('') : ''
}

function policyOf (before, table) {
  return tableOf(before, table).filter(line => line.startsWith(':FORWARD '))
}

function newChains (before, now, table) {
  const chains = text => tableOf(text, table).filter(line => /^:DOCKER/.test(line)).map(line => line.slice(1).split(' ')[0])
  const known = new Set(chains(before))
  return chains(now).filter(chain => !known.has(chain)).map(chain => `-X ${chain}`)
}

function tableOf (text, table) {
  const lines = text.split('\n')
  const from = lines.indexOf(table)
  return from < 0 ? [] : lines.slice(from, lines.indexOf('COMMIT', from))
}

function bridges () {
  const links = outputOf('ip', '-oneline', 'link', 'show', 'type', 'bridge').split('\n')
  return links.map(line => line.split(': ')[1] ?? '').filter(name => name === 'docker0')
}

function outputOf (command, ...args) {
  return spawnSync(command, args, { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'ignore'] }).stdout ?? ''
}
