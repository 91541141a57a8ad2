/** down: nobody listens on its socket. hung: it takes calls and does not answer. failing: it answers, with errors. */
export const engineConditions = ['up', 'down', 'hung', 'failing'] as const
export type EngineCondition = typeof engineConditions[number]
