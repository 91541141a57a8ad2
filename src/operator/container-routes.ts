import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { TaskRunner } from '../agent/task-runner.ts'
import type { Task } from '../agent/task.ts'
import type { Log } from '../base/log.ts'
import { answerErrorsAsJson } from '../door/answer-errors.ts'
import { bodyOf } from '../door/raw-bodies.ts'
import { AgentError } from '../model/errors.ts'
import { containerReport } from './container-report.ts'
import { parseKill, parseLogQuery } from './queries.ts'
import { tail } from './log-tail.ts'

export interface ContainerRouteDeps { readonly tasks: TaskRunner, readonly log: Log }

/** What the command line needs and the Mesos APIs lack. */
export function containerRoutes (app: FastifyInstance, { tasks, log }: ContainerRouteDeps): void {
  const { book } = tasks

  void app.register((scope, _options, done) => {
    answerErrorsAsJson(scope, log)
    scope.get('/slipway/v1/containers', (_request, reply) => reply.send({ containers: [...book.all()].map(containerReport) }))
    scope.get('/slipway/v1/containers/:id', (request, reply) => reply.send(containerReport(taskOf(request))))
    scope.get('/slipway/v1/logs/:id', (request, reply) => {
      const { stream, ...query } = parseLogQuery(request.query)
      const { container } = taskOf(request)
      const file = container.logFiles?.[stream]
      if (file === undefined) throw new AgentError('NOT_FOUND', 'this container has no sandbox yet')
      let isComplete = false
      void container.piped.promise.then(() => { isComplete = true })
      const gone = new AbortController()
      reply.raw.once('close', () => { gone.abort() })
      const bytes = tail(file, { ...query, isComplete: () => isComplete, signal: gone.signal })
      return reply.type('application/octet-stream').send(Readable.from(bytes, { objectMode: false }))
    })
    scope.post('/slipway/v1/kill', (request, reply) => {
      const { taskId, frameworkId, policy } = parseKill(bodyOf(request))
      const task = onlyTask(taskId, frameworkId)
      tasks.kill(task.frameworkId, taskId, policy)
      return reply.code(202).send({ task_id: taskId, framework_id: task.frameworkId, container_id: task.containerId })
    })
    done()
  })

  function taskOf (request: FastifyRequest): Task {
    const { id } = request.params as { id: string }
    const task = book.byContainer(id)
    if (task === undefined) throw new AgentError('NOT_FOUND', `no container has the id '${id.slice(0, 100)}'; those that ended long ago are forgotten`)
    return task
  }

  function onlyTask (taskId: string, frameworkId: string | undefined): Task {
    const found = book.open().filter(task => task.taskId === taskId && (frameworkId ?? task.frameworkId) === task.frameworkId)
    if (found.length > 1) throw new AgentError('AMBIGUOUS', `several frameworks have a task '${taskId}': ${found.map(task => task.frameworkId).join(', ')}`)
    if (found[0] === undefined) throw new AgentError('NOT_FOUND', `no task '${taskId.slice(0, 100)}' is there to be killed`)
    return found[0]
  }
}
