import type { Markup } from './markup.ts'

const dashes: Readonly<Record<number, string>> = { 1: '; stroke-dasharray: 7 3', 2: '; stroke-dasharray: 2 3', 3: '; stroke-dasharray: 9 3 2 3' }

/** Light and dark as the reader's system has it; lines differ in dashes as well as in colour. */
export const style: Markup = { markup: `
:root { color-scheme: light dark; --back: #fff; --text: #1b2430; --faint: #5b6675; --grid: #e3e7ec; --met: #146c2e; --missed: #b3261e;
  --took: #1f6fc9; --queue: #a9cdf3; --c0: #1f6fc9; --c1: #c2500a; --c2: #15803d; --c3: #7c3aed; --c4: #a1124f }
@media (prefers-color-scheme: dark) { :root { --back: #14181d; --text: #e4e9ef; --faint: #98a4b3; --grid: #2b333d; --met: #6fd08c; --missed: #ff8a80;
  --took: #5ba7f7; --queue: #294b70; --c0: #5ba7f7; --c1: #ff9b57; --c2: #5fd08a; --c3: #b79bff; --c4: #ff86b5 } }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 .4rem }
p.about, .legend { color: var(--faint); margin: .2rem 0; font-size: .9rem } p, td, th, h1 { overflow-wrap: anywhere }
.legend span { margin-right: 1.4em; white-space: nowrap } .legend svg { width: 24px; height: 8px } .legend i { display: inline-block; width: 12px; height: 12px;
  vertical-align: -1px } .legend i.notch { width: 3px; background: var(--text) }
.queue { fill: var(--queue); background: var(--queue) } .took { fill: var(--took); background: var(--took) }
figure { margin: 0; max-width: 48rem } figure > svg { width: 100%; height: auto; display: block }
svg text { fill: var(--faint); font-size: 12px } svg text.name { fill: var(--text) } svg .x { text-anchor: middle } svg .y { text-anchor: end }
.grid { stroke: var(--grid) } .one { stroke: var(--faint); stroke-dasharray: 4 3 } .goal { stroke: var(--text); stroke-width: 3 }
.line { fill: none; stroke-width: 2 } .dot { stroke: var(--back) }
${[0, 1, 2, 3, 4].map(look => `.line.look${look} { stroke: var(--c${look})${dashes[look] ?? ''} } .dot.look${look} { fill: var(--c${look}) }`).join('\n')}
.wide { overflow-x: auto } table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100% }
td, th { padding: .25rem .6rem; border-bottom: 1px solid var(--grid); text-align: right; font-weight: normal } th { color: var(--faint) }
td:first-child, th:first-child { text-align: left; padding-left: 0 } td:not(:first-child), th { white-space: nowrap }
td:first-child { min-width: 12rem }
.met { color: var(--met) } .missed { color: var(--missed); font-weight: 600 } ul { list-style: none; padding: 0; margin: .4rem 0 }
` }
