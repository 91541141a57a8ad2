import { randomUUID } from 'node:crypto'
import { mkdirSync, renameSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../base/log.ts'
import { AgentError, messageOf } from '../../model/errors.ts'
import { add, contains, subtract } from '../../model/resources.ts'
import { put, type Checkpoint } from '../../store/checkpoint.ts'
import type { CapacityRecord } from '../../store/records.ts'
import { parseJson, printJson } from '../../wire/json.ts'
import type { v1 } from '../../wire/messages.ts'
import { commitSoon } from '../commit-soon.ts'
import { applyOperation } from './apply-operation.ts'
import { asDeclared, byKind, fromKinds, isMade, isPersistent, newerForm } from './resource-kinds.ts'
import { destroyedPlace, destroyedPrefix, volumePlace } from './volume-place.ts'

export interface CapacityOptions {
  readonly workDir: string
  /** What the agent was started with. */
  readonly declared: readonly v1.Resource[]
  readonly checkpoint: Checkpoint
  readonly log: Log
}

/**
 * What a master has made of the resources of this host: reservations and persistent volumes. Their data is below the work directory, made and taken away
 * as the master says; all of it outlives the agent.
 */
export class Capacity {
  readonly #options: CapacityOptions
  #made: readonly v1.Resource[] = []
  #removal = Promise.resolve()

  constructor (options: CapacityOptions) { this.#options = options }

  /** Takes in what an earlier run wrote down. Throws SETTING_INVALID where what was declared now has no room for what was made of it. */
  restore (record: CapacityRecord | undefined): void {
    const made = (record?.resources ?? []).map(text => parseJson('v1.Resource', JSON.parse(text)))
    this.#mustFit(made, 'SETTING_INVALID')
    this.#makeFolders(made)
    this.#made = made
    this.#removal = this.#removeDestroyed()
  }

  /** Reserved at run time, or persistent volumes: what a master is told when it takes the agent in. */
  get made (): readonly v1.Resource[] { return this.#made }

  /** All that there is, as it is divided now. */
  get total (): v1.Resource[] { return this.#divided(this.#made) }

  /** A master tells all that it has made of this agent. Throws and changes nothing when that cannot be; durable when it resolves, if the disk answers. */
  async set (resources: readonly v1.Resource[]): Promise<void> {
    const made = resources.map(newerForm)
    const odd = made.find(resource => !isMade(resource))
    if (odd !== undefined) throw new AgentError('SPEC_INVALID', `'${odd.name}' is neither reserved at run time nor a persistent volume`)
    this.#mustFit(made, 'SPEC_INVALID')
    this.#makeFolders(made)
    this.#takeAway(made)
    this.#made = made
    await this.#keep()
  }

  /** The same by one operation. */
  async apply (operation: v1.Offer_Operation): Promise<void> {
    await this.set(applyOperation(this.total, operation).filter(isMade))
  }

  /** Of those a task wants, one that a master must have made and that this agent does not know. */
  unknown (wanted: readonly v1.Resource[] = []): v1.Resource | undefined {
    const there = byKind(this.#made)
    return wanted.map(newerForm).find(resource => isMade(resource) && !contains(there, byKind([resource])))
  }

  /** Waits until what was destroyed is removed. */
  async settled (): Promise<void> { await this.#removal }

  #divided (made: readonly v1.Resource[]): v1.Resource[] {
    const declared = byKind(this.#options.declared.map(newerForm))
    return fromKinds(add(subtract(declared, byKind(made.map(asDeclared))), byKind(made)), [...this.#options.declared, ...made])
  }

  #mustFit (made: readonly v1.Resource[], code: 'SETTING_INVALID' | 'SPEC_INVALID'): void {
    const declared = byKind(this.#options.declared.map(newerForm))
    if (contains(declared, byKind(made.map(asDeclared)))) return
    throw new AgentError(code, 'the resources of this agent are less than what was reserved and made into volumes of them')
  }

  /** At once, and as rare as volumes are: the task that comes next finds them there. */
  #makeFolders (made: readonly v1.Resource[]): void {
    for (const place of this.#places(made)) {
      try {
        mkdirSync(place, { recursive: true })
      } catch (error) {
        throw new AgentError('SANDBOX_FAILED', `a persistent volume cannot be made at ${place}: ${messageOf(error)}`, { place })
      }
    }
  }

  /** What is not among these any more goes out of the way at once, and is removed in its own time. */
  #takeAway (made: readonly v1.Resource[]): void {
    const { workDir, log } = this.#options
    const kept = new Set(this.#places(made))
    for (const place of this.#places(this.#made).filter(one => !kept.has(one))) {
      try {
        renameSync(place, destroyedPlace(workDir, randomUUID()))
        log.info({ place }, 'a persistent volume was destroyed')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log.warn({ place, error }, 'the data of a destroyed volume could not be taken away')
      }
    }
    this.#removal = this.#removal.then(() => this.#removeDestroyed())
  }

  /** Never through a link; what an earlier run has left, too. */
  async #removeDestroyed (): Promise<void> {
    const volumes = join(this.#options.workDir, 'volumes')
    try {
      const names = await readdir(volumes)
      for (const name of names.filter(one => one.startsWith(destroyedPrefix))) await rm(join(volumes, name), { recursive: true, force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      this.#options.log.warn({ error }, 'the data of destroyed volumes could not be removed; the next start tries again')
    }
  }

  #places (made: readonly v1.Resource[]): string[] {
    return made.filter(isPersistent).map(resource => volumePlace(this.#options.workDir, resource))
  }

  async #keep (): Promise<void> {
    const resources = this.#made.map(resource => printJson('v1.Resource', resource))
    await commitSoon(this.#options.checkpoint, put('capacity', 'self', { resources }))
  }
}
