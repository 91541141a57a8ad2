/** So many at once; the others wait in their order. */
export interface Places { hold<T> (work: () => Promise<T>): Promise<T> }

export function places (limit: number): Places {
  const waiting: Array<() => void> = []
  let free = limit

  async function take (): Promise<void> {
    if (free > 0) free--
    else await new Promise<void>(resolve => { waiting.push(resolve) })
  }

  function leave (): void {
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }

  return {
    async hold (work) {
      await take()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
