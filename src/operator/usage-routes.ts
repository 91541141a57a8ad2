import type { FastifyInstance } from 'fastify'
import type { TaskBook } from '../agent/task-book.ts'
import type { Task } from '../agent/task.ts'
import type { Log } from '../base/log.ts'
import type { Usages } from '../containerizer/usage.ts'
import { answerErrorsAsJson } from '../door/answer-errors.ts'
import { findTask } from './find-task.ts'
import { liveContainers } from './live-containers.ts'
import { mesosRoute, spellings } from './mesos-route.ts'
import { parseFramework } from './queries.ts'
import { containersEntry, monitorEntry, statsEntry } from './usage-report.ts'

export interface UsageRouteDeps { readonly book: TaskBook, readonly readUsages: () => Promise<Usages>, readonly log: Log }

/** What containers use: as a Mesos agent tells it, and for the command line. */
export function usageRoutes (app: FastifyInstance, { book, readUsages, log }: UsageRouteDeps): void {
  mesosRoute(app, spellings('/monitor/statistics'), async () => {
    const usages = await readUsages()
    return liveContainers(book).flatMap(task => { const usage = usages.get(task.containerId); return usage === undefined ? [] : [monitorEntry(task, usage)] })
  })
  mesosRoute(app, spellings('/containers'), async ({ query }) => {
    const { container_id: only } = query as { container_id?: string }
    const usages = await readUsages()
    const isMeant = ({ container, containerId }: Task): boolean => container.timeline.hasBegun('start') && (only ?? containerId) === containerId
    return liveContainers(book).filter(isMeant).map(task => containersEntry(task, usages.get(task.containerId)))
  })
  void app.register((scope, _options, done) => {
    answerErrorsAsJson(scope, log)
    scope.get('/slipway/v1/stats', async (request, reply) => {
      const { task: id } = request.query as { task?: string }
      const usages = await readUsages()
      const tasks = id === undefined ? liveContainers(book) : [findTask(book, id, parseFramework(request.query))]
      const containers = tasks.flatMap(task => { const usage = usages.get(task.containerId); return usage === undefined ? [] : [statsEntry(task, usage)] })
      return await reply.send({ containers })
    })
    done()
  })
}
