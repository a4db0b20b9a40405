import type { Backend } from '@ttl/core/adapter'

/** The same backend with some of its methods or facts replaced; one replaced by `undefined` is not there. */
export function delegate(
  backend: Backend,
  replaced: { readonly [Key in keyof Backend]?: Backend[Key] | undefined },
): Backend {
  return new Proxy(backend, {
    get(target, key) {
      if (Object.hasOwn(replaced, key)) return replaced[key as keyof Backend]
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
