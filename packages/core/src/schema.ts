import { TtlError, TtlTypeError } from './errors.ts'

/** The part of Standard Schema v1 (https://standardschema.dev) that is used. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly path?: readonly unknown[] | undefined }[] }

/** The type that a schema's values have. */
export type Output<Schema> = Schema extends StandardSchema<infer Value> ? Value : never

export function checkSchema(schema: unknown): void {
  const standard = (schema as Partial<StandardSchema> | null)?.['~standard']
  if (standard?.version === 1 && typeof standard.validate === 'function') return
  throw new TtlTypeError(
    'TTL_INVALID',
    'schema must implement Standard Schema v1: a schema of Zod ≥ 3.24, Valibot ≥ 1, ArkType ≥ 2 …',
  )
}

/** Validates what was read. Only paths are named: messages of validators quote values. */
export async function validate(schema: StandardSchema, value: unknown): Promise<unknown> {
  let result: SchemaResult<unknown>
  try {
    result = await schema['~standard'].validate(value)
  } catch (cause) {
    throw new TtlError('TTL_CODEC', 'the schema threw instead of giving issues', { cause })
  }
  if (result.issues === undefined) return result.value
  const paths = result.issues.map(
    ({ path = [] }) =>
      path
        .map((step) => String(typeof step === 'object' && step !== null ? (step as { key: unknown }).key : step))
        .join('.') || 'the value itself',
  )
  throw new TtlError('TTL_CODEC', `what is stored does not fit the schema, at ${[...new Set(paths)].join(', ')}`)
}
