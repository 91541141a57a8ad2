import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modeText } from '../../../../src/operator/files/mode-text.ts'

const modes: ReadonlyArray<readonly [number, string]> = [
  [0o100644, '-rw-r--r--'], [0o040755, 'drwxr-xr-x'], [0o120777, 'lrwxrwxrwx'], [0o104755, '-rwsr-xr-x'], [0o102644, '-rw-r-Sr--'],
  [0o041777, 'drwxrwxrwt'], [0o041776, 'drwxrwxrwT'], [0o010600, 'prw-------'], [0o020620, 'crw--w----'], [0o060660, 'brw-rw----'], [0o140755, 'srwxr-xr-x'],
]

for (const [mode, text] of modes) test(`mode ${mode.toString(8)} is ${text}`, () => { assert.equal(modeText(mode), text) })
