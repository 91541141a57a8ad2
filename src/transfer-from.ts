import type { Config } from './model/settings.ts'
import type { TransferOptions } from './model/transfer-options.ts'

/** What the threads that fetch are told. */
export function transferFrom (config: Config): TransferOptions {
  return {
    urisAtOnce: config.fetchUriConcurrency,
    hostConcurrency: config.fetchHostConcurrency,
    retries: config.fetchRetries,
    retryDelayMs: config.fetchRetryDelay,
    maxBytes: config.fetchMaxSize,
    freeBytes: config.fetchFreeSpace,
    sync: config.fetchSync,
    caFile: config.fetchCaFile,
    frameworksHome: config.frameworksHome,
    allowPaths: config.allowFetchPaths.length > 0 ? config.allowFetchPaths : undefined,
    denyAddresses: config.fetchDenyAddresses,
    denyRedirects: config.fetchDenyRedirects,
    s3: { endpoint: config.s3Endpoint, region: config.s3Region, credentialsFile: config.s3Credentials },
    hadoop: { webHdfs: config.webHdfs, client: config.hadoopClient, schemes: config.hadoopSchemes },
  }
}
