/** Kinds of addresses that a policy may name. */
export const addressKinds = ['link-local', 'loopback', 'private'] as const
export type AddressKind = typeof addressKinds[number]

/** How files are brought to this host. Plain data: it crosses threads. */
export interface TransferOptions {
  /** URIs of one task at once. */
  readonly urisAtOnce: number
  /** Transfers from one host at once, of all tasks of a thread; 0: any number. */
  readonly hostConcurrency: number
  /** How often what can be repeated is, before it counts as failed; the waits between begin with this and double. */
  readonly retries: number
  readonly retryDelayMs: number
  /** What all URIs of a task may bring; 0: any amount. */
  readonly maxBytes: number
  /** What must stay free on the disk of the sandbox. */
  readonly freeBytes: number
  /** Files are on the disk before they count as fetched. */
  readonly sync: boolean
  /** PEM, beside the system's certificates. */
  readonly caFile: string | undefined
  /** What relative paths are below. */
  readonly frameworksHome: string | undefined
  /** Folders below which files of this host must be; undefined: anywhere. */
  readonly allowPaths: readonly string[] | undefined
  /** Addresses that are never connected to, and those that a redirect may not lead to. */
  readonly denyAddresses: readonly AddressKind[]
  readonly denyRedirects: readonly AddressKind[]
  readonly s3: S3Options
  readonly hadoop: HadoopOptions
}

export interface S3Options {
  /** Of a store that is not Amazon's. */
  readonly endpoint: string | undefined
  readonly region: string
  /** As `aws configure` writes it; undefined: the agent's environment has them. */
  readonly credentialsFile: string | undefined
}

export interface HadoopOptions {
  /** Where the WebHDFS of the name nodes is, with a user if one is to be named; none: hdfs goes by the client. */
  readonly webHdfs: readonly string[]
  readonly client: string
  /** Schemes that the client is asked for. */
  readonly schemes: readonly string[]
}

/** Where nobody says: one attempt, and nothing that an operator has to set up. */
export const plainTransfer: TransferOptions = {
  urisAtOnce: 4, hostConcurrency: 0, retries: 0, retryDelayMs: 500, maxBytes: 0, freeBytes: 0, sync: false, caFile: undefined,
  frameworksHome: undefined, allowPaths: undefined, denyAddresses: [], denyRedirects: [],
  s3: { endpoint: undefined, region: 'us-east-1', credentialsFile: undefined },
  hadoop: { webHdfs: [], client: 'hadoop', schemes: [] },
}
