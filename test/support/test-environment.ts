/** The environment of the tests: what the user's shell says about engines and agents is not for them, `ours` is, and a seed to repeat a run. */
export function testEnvironment (ours: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const rest = Object.entries(process.env).filter(([name]) => !/^(DOCKER|SLIPWAY|MESOS)_/.test(name) || name === 'SLIPWAY_TEST_SEED')
  const set = Object.entries(ours).filter(([, value]) => value !== undefined)
  return Object.fromEntries([...rest, ...set])
}
