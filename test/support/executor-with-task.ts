import { ExecutorClient } from './executor-client.ts'
import { executorInfo, taskOf } from './executor-infos.ts'
import type { TestFramework } from './test-framework.ts'

/** An executor `e` that has subscribed and been handed its first task, `one`. */
export async function executorWithTask (framework: TestFramework, engineSocket: string): Promise<ExecutorClient> {
  await framework.launch(taskOf(executorInfo('e'), 'one'))
  const executor = await (await ExecutorClient.of(engineSocket, 'e')).subscribe()
  await executor.next('LAUNCH')
  return executor
}
