import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { TaskRunner } from '../agent/task-runner.ts'
import type { Task } from '../agent/task.ts'
import type { Log } from '../base/log.ts'
import { answerErrorsAsJson } from '../door/answer-errors.ts'
import { bodyOf } from '../door/raw-bodies.ts'
import { containerReport } from './container-report.ts'
import { findOpenTask, findTask } from './find-task.ts'
import { sendLog } from './log-route.ts'
import { parseContainerFilter, parseFramework, parseKill } from './queries.ts'
import type { PullLookup } from './waiting-for.ts'

export interface ContainerRouteDeps { readonly tasks: TaskRunner, readonly pullOf: PullLookup, readonly log: Log }

/** What the command line needs and the Mesos APIs lack. */
export function containerRoutes (app: FastifyInstance, { tasks, pullOf, log }: ContainerRouteDeps): void {
  const { book } = tasks

  void app.register((scope, _options, done) => {
    answerErrorsAsJson(scope, log)
    scope.get('/slipway/v1/containers', (request, reply) => {
      const isWanted = parseContainerFilter(request.query)
      return reply.send({ containers: [...book.all()].filter(isWanted).map(task => containerReport(task, pullOf)) })
    })
    scope.get('/slipway/v1/containers/:id', (request, reply) => reply.send(containerReport(taskOf(request), pullOf)))
    scope.get('/slipway/v1/logs/:id', (request, reply) => sendLog(taskOf(request).container, request, reply))
    scope.post('/slipway/v1/kill', (request, reply) => {
      const { taskId, frameworkId, policy } = parseKill(bodyOf(request))
      const task = findOpenTask(book, taskId, frameworkId)
      tasks.kill(task.frameworkId, taskId, policy)
      return reply.code(202).send({ task_id: taskId, framework_id: task.frameworkId, container_id: task.containerId })
    })
    done()
  })

  function taskOf (request: FastifyRequest): Task {
    const { id } = request.params as { id: string }
    return findTask(book, id, parseFramework(request.query))
  }
}
