/** The other side of a `Child`, which loads no test runner. */
export type Jobs = Readonly<Record<string, (file: string, name: string) => Promise<unknown>>>

/** Does the job that the arguments name, and reports. */
export function serve(jobs: Jobs): void {
  const [job = '', file = '', name = ''] = process.argv.slice(2)
  process.once('message', async () => {
    try {
      say({ result: await jobs[job]?.(file, name) })
    } catch (error) {
      say({ error: String(error) })
    }
    process.disconnect()
  })
  say('ready')
}

export function say(message: unknown): void {
  process.send?.(message)
}
