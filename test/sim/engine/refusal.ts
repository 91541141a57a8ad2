/** An answer that says no, in the engine's words. */
export class Refusal extends Error {
  readonly status: number

  constructor (status: number, message: string) {
    super(message)
    this.status = status
  }
}
