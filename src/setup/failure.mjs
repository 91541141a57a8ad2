/** Ends the set-up with a message for the user, without a stack. */
export class Failure extends Error {}

/** One line a step, and only when the step does something. */
export function say (text) {
  console.log(`slipway: ${text}`)
}
