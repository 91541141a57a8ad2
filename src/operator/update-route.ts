import type { FastifyInstance } from 'fastify'
import type { TaskRunner } from '../agent/task-runner.ts'
import type { Log } from '../base/log.ts'
import { answerErrorsAsJson } from '../door/answer-errors.ts'
import { bodyOf } from '../door/raw-bodies.ts'
import { findOpenTask } from './find-task.ts'
import { parseUpdate } from './queries.ts'

export interface UpdateRouteDeps { readonly tasks: Pick<TaskRunner, 'book' | 'updates'>, readonly log: Log }

/** New limits for a running task; answered when they are in force. */
export function updateRoute (app: FastifyInstance, { tasks, log }: UpdateRouteDeps): void {
  void app.register((scope, _options, done) => {
    answerErrorsAsJson(scope, log)
    scope.post('/slipway/v1/update', async (request, reply) => {
      const { taskId, frameworkId, change } = parseUpdate(bodyOf(request))
      const task = findOpenTask(tasks.book, taskId, frameworkId)
      await tasks.updates.update(task, change)
      const { cpus, memBytes } = task.container.limits
      return await reply.send({ task_id: taskId, framework_id: task.frameworkId, container_id: task.containerId, cpus, mem_bytes: memBytes })
    })
    done()
  })
}
