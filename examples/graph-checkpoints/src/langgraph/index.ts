/** LangGraph.js with memory that expires: a checkpointer and a store, over any store of `@ttl/core`. */
export { TtlSaver, type TtlSaverOptions } from './saver.ts'
export {
  type PutExpiringOptions,
  type Rule,
  type TtlGet,
  type TtlPut,
  type TtlSearch,
  TtlStore,
  type TtlStoreOptions,
} from './store.ts'
export { Thread } from './thread.ts'
