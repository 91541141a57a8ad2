import { amount, oneOf, text, whole, type Values } from '../../options.ts'
import { launchNetworks, type LaunchWish } from './wish.ts'

/** What is launched. */
export const wishOptions = {
  network: oneOf(launchNetworks, 'of the containers'),
  image: text('', 'with /bin/sh and sleep in it; a small one of our own, if not given', 'IMAGE'),
  uris: text('', 'fetched into each sandbox, with commas between them', 'URI,…'),
  'log-lines': whole(1, 'that each container prints', 0),
}

export const agentOptions = { 'agent-flags': text('', 'more for the agent that is measured, with blanks between them', '"--FLAG VALUE …"') }

/** And how. */
export const launchOptions = {
  count: whole(200, 'launches in a run'),
  rounds: whole(5, 'runs of each, by turns'),
  concurrency: whole(0, 'launches asked for and not yet running; 0: all at once', 0),
  rate: amount(0, 'launches due in a second, whatever became of those before (times are from when each was due); 0: as fast as they go'),
  'raw-at-once': whole(0, 'at which the raw engine is driven; 0: what a sweep from 4 to 16 finds best', 0),
  docker: oneOf(['yes', 'no'], 'whether `docker run` is measured as well'),
  ...wishOptions,
  ...agentOptions,
}
export type LaunchValues = Values<typeof launchOptions>

export function wishOf (values: Values<typeof wishOptions>, image: string): LaunchWish {
  return { image, network: values.network, uris: values.uris.split(',').filter(Boolean), logLines: values['log-lines'] }
}

export function flagsOf (values: Values<typeof agentOptions>): string[] {
  // Whatever ends the bench, nothing of it goes on.
  return ['--shutdown-containers', ...values['agent-flags'].split(' ').filter(Boolean)]
}
