import { allMetrics } from '../../../src/all-metrics.ts'
import { cliPage } from './cli-page.ts'
import { configPage } from './config-page.ts'
import { errorsPage } from './errors-page.ts'
import { lifecyclePage } from './lifecycle-page.ts'
import { mesosPage } from './mesos-page.ts'
import { metricsPage } from './metrics-page.ts'
import { performancePage, writtenNotes, writtenReports } from './performance-page.ts'

/** Every page that is made from code, by its file name in docs/. */
export async function pages (): Promise<Record<string, string>> {
  return {
    'cli.md': cliPage(),
    'config.md': configPage(),
    'errors.md': errorsPage(),
    'lifecycle.md': lifecyclePage(),
    'MESOS.md': mesosPage(),
    'PERFORMANCE.md': performancePage(writtenReports(), writtenNotes()),
    'metrics.md': await metricsPage(allMetrics().registry),
  }
}
