#!/usr/bin/env node
// libuv reads the size of its thread pool at its first use, which for an ES module is the reading of that module itself. The pool is shared by all
// threads of the process: with the usual 4, as many slow reads anywhere would hold every commit of the checkpoint up.
process.env.UV_THREADPOOL_SIZE ??= '32'
import('../dist/src/main.js')
