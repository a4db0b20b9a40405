export type { Definition, Meta, Saved, SaveOptions } from './definition.ts'
export { Model } from './model.ts'
