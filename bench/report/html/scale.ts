/** From values on an axis to places on the page, with the marks at round values. */
export interface Scale { readonly at: (value: number) => number, readonly marks: readonly number[] }

/** The axis covers the values it is given and ends at round ones. */
export function scaleOf (values: readonly number[], [from, to]: readonly [number, number], wanted = 5): Scale {
  const finite = values.filter(Number.isFinite)
  const [least, most] = [Math.min(...finite, Infinity), Math.max(...finite, -Infinity)]
  if (finite.length === 0) return { at: () => from, marks: [] }
  const step = roundStep((most - least || Math.abs(most) || 1) / wanted)
  const [first, last] = [Math.floor(least / step), Math.max(Math.ceil(most / step), Math.floor(least / step) + 1)]
  const marks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
  return { at: value => from + (value / step - first) / (last - first) * (to - from), marks }
}

/** 1, 2 or 5 times a power of ten, not below. */
function roundStep (step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const times = [1, 2, 5, 10].find(one => one * power >= step * (1 - 1e-9)) ?? 10
  return times * power
}
