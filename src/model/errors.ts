/** Every way in which Slipway can fail. `retry`: the same request may succeed later. docs/errors.md is printed from this table. */
export const errorCodes = {
  AGENT_RESTARTED: { retry: true, help: 'The agent ended in the middle of the launch; when it came back it removed what there was of it. Launch it again.' },
  AGENT_UNREACHABLE: { retry: true, help: 'No agent answers there. Start one with `slipway agent`, or name it with --master or SLIPWAY_MASTER.' },
  AMBIGUOUS: { retry: false, help: 'More than one thing has that name; say which one is meant.' },
  CANCELLED: { retry: false, help: 'Somebody asked for this to end: a kill, or the agent shutting down.' },
  CHECKPOINT_DAMAGED: {
    retry: false,
    help: 'What the agent wrote down of its tasks cannot be read, nor its backup. `--no-strict` starts without it, and removes the containers that run.',
  },
  CHECKPOINT_FAILED: { retry: true, help: 'What the agent must write down cannot be written. Is its disk in order? It may be read-only.' },
  CHECKPOINT_NEWER: {
    retry: false,
    help: 'A newer Slipway wrote the checkpoint. Start that one, or end its tasks with it, and remove `checkpoint` in the work directory.',
  },
  COMMAND_NOT_FOUND: { retry: false, help: 'The image has no such program, or it may not be executed. Check the command, the PATH and the image.' },
  CREDENTIALS_FAILED: {
    retry: true, help: 'Credentials for the registry could not be had; the message names the docker config or the credential helper that is wrong.',
  },
  DENIED: {
    retry: false,
    help: 'The registry wants credentials, or others than it got. Give them with --docker-config, or with a .docker/config.json among the URIs.',
  },
  DISK_FULL: { retry: true, help: 'The disk is full. Free space in the work directory or in the engine\'s data directory.' },
  ENGINE_DOWN: { retry: true, help: 'The Docker Engine does not answer on its socket. Check that dockerd runs and that --docker-socket is right.' },
  ENGINE_LOG_DAMAGED: {
    retry: true,
    help: 'The engine cannot read its own log of a container; its words are in the message. Has its disk been full? What is missing is marked in the sandbox.',
  },
  ENGINE_REFUSED: { retry: false, help: 'The Docker Engine refused the call; its own words are in the message.' },
  EXIT_STATUS_LOST: {
    retry: true, help: 'The container ran and has ended; the engine was killed at that moment and forgot how. What the task did is in its sandbox.',
  },
  FETCH_FAILED: { retry: true, help: 'A file could not be brought into the sandbox; the message names the URI, and the server\'s status or the cause.' },
  HOST_REBOOTED: { retry: true, help: 'The container ran when the host went down; nobody knows how it ended. Launch it again.' },
  IMAGE_NOT_FOUND: { retry: false, help: 'The registry has no such image, or does not show it. Check name and tag.' },
  INTERNAL: { retry: false, help: 'A fault in Slipway itself. Please report it with the log.' },
  LAUNCH_TIMEOUT: { retry: true, help: 'The launch as a whole used up --launch-timeout, time in queues included.' },
  LINK_BROKEN: { retry: true, help: 'The connection to a libprocess peer, an executor of the older driver, ended or could not be made; the message says why.' },
  LOCKED: { retry: true, help: 'A running agent has this work directory or this instance. Stop it first, or choose another --work-dir.' },
  LOGIN_FAILED: { retry: true, help: 'The login to a Mesos master did not come to an end; the message says why. The agent tries again.' },
  LOGIN_REFUSED: { retry: false, help: 'A Mesos master does not know the principal, or its secret is another one. Check the file of --credential.' },
  MASTER_NOT_FOUND: {
    retry: true, help: 'No Mesos master leads at the moment, or it cannot be found out which; the message says why. Is --master right? It is looked for on.',
  },
  MASTER_REFUSED: {
    retry: false, help: 'A Mesos master does not want this agent as it is; the message says why. What it has written down does not fit the cluster.',
  },
  MAY_STILL_RUN: { retry: false, help: 'The engine could not confirm that the container is gone. Slipway goes on trying; its resources stay withheld.' },
  NETWORK_NOT_FOUND: { retry: true, help: 'The engine has no network of that name. Make it, or have --create-networks allow that it is made.' },
  NOT_ALLOWED: { retry: false, help: 'The policy of this agent forbids it; the message names the setting that would allow it.' },
  NOT_FOUND: { retry: false, help: 'Nothing has that name, or it is forgotten by now. `slipway ps --all` lists the tasks that the agent knows.' },
  NOT_SUPPORTED: { retry: false, help: 'This version cannot do that.' },
  NO_COMMAND: { retry: false, help: 'Neither the task nor its image says what to run. Give a command, after -- with `slipway run`, or another image.' },
  PULL_FAILED: { retry: true, help: 'The image could not be pulled; the engine\'s or the registry\'s own words are in the message.' },
  QUEUE_FULL: { retry: true, help: 'More launches are waiting than --queue-limit allows. Launch again later.' },
  SANDBOX_FAILED: { retry: true, help: 'The sandbox could not be made or written. Check the work directory\'s owner, mode and disk.' },
  SETTING_INVALID: { retry: false, help: 'A setting has a value that cannot be used; see docs/config.md.' },
  SPEC_INVALID: { retry: false, help: 'The task\'s description cannot be turned into a container; the message names the field.' },
  STAGE_STALLED: { retry: true, help: 'The stage made no progress for too long; see the timeouts in docs/config.md.' },
  STAGE_TIMEOUT: { retry: true, help: 'The stage used up its time; see the timeouts in docs/config.md.' },
  UNAUTHORIZED: { retry: false, help: 'The token is missing or wrong. It stands in <work dir>/auth-token; give it with SLIPWAY_TOKEN or --token-file.' },
  UPDATE_REFUSED: {
    retry: true,
    help: 'A task that does not run, uses more than the new limit, or wants more than the host has free keeps its limits; the figures are in the message.',
  },
  WORKER_DIED: { retry: true, help: 'The worker thread that did this ended; another has taken its place.' },
} as const satisfies Record<string, { retry: boolean, help: string }>

export type ErrorCode = keyof typeof errorCodes

/** What is known about where a failure struck. Plain data: it crosses threads and is logged. */
export type ErrorDetail = Readonly<Record<string, string | number | boolean | undefined>>

/** An AgentError as plain data, for a thread boundary. */
export interface WireError { code: ErrorCode, message: string, detail: ErrorDetail, cause?: WireError | undefined }

export class AgentError extends Error {
  override readonly name = 'AgentError'
  readonly code: ErrorCode
  readonly detail: ErrorDetail

  constructor (code: ErrorCode, message: string, detail: ErrorDetail = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.detail = detail
  }

  get retry (): boolean { return errorCodes[this.code].retry }
  get help (): string { return errorCodes[this.code].help }

  /** Adds what is known here; code and detail of an AgentError are kept, anything else becomes `otherwise`. */
  static wrap (cause: unknown, message: string, detail: ErrorDetail = {}, otherwise: ErrorCode = 'INTERNAL'): AgentError {
    const known = cause instanceof AgentError
    return new AgentError(known ? cause.code : otherwise, message, known ? { ...cause.detail, ...detail } : detail, cause)
  }

  static from (error: unknown): AgentError {
    return error instanceof AgentError ? error : new AgentError('INTERNAL', messageOf(error), {}, error)
  }

  static fromWire ({ code, message, detail, cause }: WireError): AgentError {
    return new AgentError(code, message, detail, cause && AgentError.fromWire(cause))
  }

  toWire (): WireError {
    const cause = this.cause instanceof AgentError ? this.cause : undefined
    const tail = cause || this.cause === undefined ? this.message : chain(this)
    return { code: this.code, message: tail, detail: this.detail, cause: cause?.toWire() }
  }
}

export function messageOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The whole story, outermost first: "pull of app:3 failed: took over 600 s". A message never repeats its cause's. */
export function chain (error: unknown): string {
  const messages: string[] = []
  for (let at = error; at !== undefined && messages.length < 10; at = at instanceof Error ? at.cause : undefined) {
    const message = messageOf(at)
    if (message !== messages.at(-1)) messages.push(message)
  }
  return messages.join(': ')
}
