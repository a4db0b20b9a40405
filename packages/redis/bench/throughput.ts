/**
 * `get`, `set` and sliding `get` beside bare ioredis that does `GET`, `SET … PX` and `GETEX` on the same JSON, and parses it.
 * Interleaved rounds, medians, ratios. With `REDIS_URL`, or a throwaway server.
 *
 *     node bench/throughput.ts [rounds] [operations] [name of a subject begins with] [in flight, …]
 */
import { Server } from '@ttl/redis-server'
import { Comparison, subjects } from './measure.ts'

const [rounds = '9', operations = '12000', wanted = '', inFlights = '64,16,1'] = process.argv.slice(2)
const server = process.env.REDIS_URL === undefined ? await Server.start() : undefined
const { all, bytes, close } = await subjects(process.env.REDIS_URL ?? (server as Server).url)

console.log(`node ${process.version}, ${rounds} rounds of ${operations}, ${bytes} bytes of JSON`)
for (const inFlight of inFlights.split(',').map(Number)) {
  for (const [name, subject] of Object.entries(all).filter(([name]) => name.startsWith(wanted))) {
    const count = inFlight === 1 ? Math.ceil(Number(operations) / 8) : Number(operations)
    const comparison = new Comparison(subject, inFlight, count)
    await comparison.rounds(Number(rounds))
    const { ratio, ours, bare } = comparison.medians
    console.log(
      `${String(inFlight).padStart(2)} in flight  ${ratio.toFixed(2)} ×  ${name}: ${Math.round(ours)} / ${Math.round(bare)} per second`,
    )
  }
}
close()
await server?.stop()
