/** Single flight: one run per key at a time, shared by all who ask meanwhile. */
export class Flights<T> {
  readonly #running = new Map<string, Promise<T>>()

  /**
   * Joins the flight of a key, or starts it.
   * @param run is told how to ask whether it is still current: `forget` makes it a flight that nobody new joins
   */
  join(key: string, run: (isCurrent: () => boolean) => Promise<T>): Promise<T> {
    const running = this.#running.get(key)
    if (running !== undefined) return running
    const flight: Promise<T> = run(() => this.#running.get(key) === flight).finally(() => {
      if (this.#running.get(key) === flight) this.#running.delete(key)
    })
    this.#running.set(key, flight)
    return flight
  }

  /** What is being loaded is out of date: the key was written or deleted meanwhile. */
  forget(key: string): void {
    this.#running.delete(key)
  }

  forgetAll(): void {
    this.#running.clear()
  }
}
