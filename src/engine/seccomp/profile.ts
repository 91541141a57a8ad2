/** A profile as the engine takes it: `includes` and `excludes` are resolved by the engine, for each container's capabilities. */
export interface Profile {
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  readonly architectures?: readonly string[] | null
  readonly archMap?: ReadonlyArray<{ readonly architecture: string, readonly subArchitectures?: readonly string[] | null }> | null
  readonly syscalls?: readonly Rule[] | null
}

export interface Rule {
  readonly name?: string
  readonly names?: readonly string[] | null
  readonly action: string
  readonly errnoRet?: number
  readonly args?: readonly Argument[] | null
  readonly comment?: string
  readonly includes?: Condition
  readonly excludes?: Condition
}

export interface Argument { readonly index: number, readonly value: number, readonly valueTwo?: number, readonly op: string }

export interface Condition { readonly caps?: readonly string[] | null, readonly arches?: readonly string[] | null, readonly minKernel?: string }
