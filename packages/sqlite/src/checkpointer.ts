import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

/** After this many written rows a checkpoint is due: around SQLite's own default of 1000 pages. */
const ROWS_PER_CHECKPOINT = 500

/** From here on a checkpoint makes writers wait for a moment, so that the WAL starts again from its beginning. */
const LONG_WAL_PAGES = 1_500

/** Plain text, so that it runs from source, from `dist` and out of a bundle alike. */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads')
const db = new (require(workerData.driver))(workerData.file, { timeout: 0, fileMustExist: true })
const passive = db.prepare('PRAGMA wal_checkpoint(PASSIVE)')
const restart = db.prepare('PRAGMA wal_checkpoint(RESTART)')
parentPort.on('message', (message) => {
  if (message === 'close') {
    db.close()
    parentPort.close()
    return
  }
  try {
    if (passive.get().log > ${LONG_WAL_PAGES}) restart.get()
  } catch {}
  parentPort.postMessage('done')
})`

/**
 * Moves what was written from the WAL into the database file, in a thread of its own: done within a commit, as SQLite
 * does it, that takes tens of milliseconds in which this process does nothing else. The thread starts with the first
 * checkpoint that is due and keeps no process alive. Where it cannot run, SQLite goes on by itself.
 */
export class Checkpointer {
  readonly #file: string
  readonly #onWorking: (working: boolean) => void
  #rows = 0
  #worker: Worker | undefined
  #exited: Promise<void> | undefined
  #broken = false
  #running: { readonly done: Promise<void>; readonly resolve: () => void } | undefined

  /** @param onWorking told when checkpoints are being made, and when they no longer are */
  constructor(file: string, onWorking: (working: boolean) => void) {
    this.#file = file
    this.#onWorking = onWorking
  }

  /** Takes note of written rows. */
  wrote(rows: number): void {
    this.#rows += rows
    if (this.#rows >= ROWS_PER_CHECKPOINT && this.#running === undefined && !this.#broken) this.#checkpoint()
  }

  /** Resolves when no checkpoint is running; `undefined` when none is. */
  settled(): Promise<void> | undefined {
    if (this.#running !== undefined) this.#worker?.ref()
    return this.#running?.done
  }

  /** Ends the thread; `undefined` when there is none. */
  close(): Promise<void> | undefined {
    this.#broken = true
    this.#worker?.ref()
    this.#worker?.postMessage('close')
    return this.#exited
  }

  #checkpoint(): void {
    this.#rows = 0
    try {
      this.#worker ??= this.#start()
    } catch {
      this.#broken = true
      return
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#running = { done: promise, resolve }
    this.#worker.postMessage('checkpoint')
  }

  #start(): Worker {
    const driver = createRequire(import.meta.url).resolve('better-sqlite3')
    const worker = new Worker(WORKER, { eval: true, workerData: { file: this.#file, driver } })
    worker.unref()
    let working = false
    worker.on('message', () => {
      if (!working && !this.#broken) this.#onWorking(true)
      working = true
      this.#finish()
    })
    worker.on('error', () => {})
    this.#exited = new Promise((resolve) => {
      worker.on('exit', () => {
        if (!this.#broken) this.#onWorking(false)
        this.#broken = true
        this.#worker = undefined
        this.#finish()
        resolve()
      })
    })
    return worker
  }

  #finish(): void {
    const running = this.#running
    this.#running = undefined
    if (!this.#broken) this.#worker?.unref()
    running?.resolve()
  }
}
