/** Single flight: one run per namespace and key at a time, shared by all who ask meanwhile. */
export class Flights<T> {
  readonly #running = new Map<string, Map<string, Promise<T>>>()

  /**
   * Joins the flight of a key, or starts it.
   * @param run is told how to ask whether it is still current: `forget` makes it a flight that nobody new joins
   */
  join(namespace: string, key: string, run: (isCurrent: () => boolean) => Promise<T>): Promise<T> {
    const running = this.#running.get(namespace)?.get(key)
    if (running !== undefined) return running
    const isCurrent = () => this.#running.get(namespace)?.get(key) === flight
    const flight: Promise<T> = run(isCurrent).finally(() => {
      if (isCurrent()) this.forget(namespace, key)
    })
    const flights = this.#running.get(namespace) ?? new Map<string, Promise<T>>()
    this.#running.set(namespace, flights.set(key, flight))
    return flight
  }

  /** What is being loaded is out of date: the key, or everything in the namespace, was written or deleted meanwhile. */
  forget(namespace: string, key?: string): void {
    const flights = this.#running.get(namespace)
    if (flights === undefined) return
    if (key !== undefined) flights.delete(key)
    if (key === undefined || flights.size === 0) this.#running.delete(namespace)
  }
}
