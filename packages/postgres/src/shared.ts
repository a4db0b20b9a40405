/** Which single calls of one turn of the event loop share a query, and how many. */
import type { Found, FoundGroup, ReadOptions, Space, Write } from '@ttl/core/adapter'
import { Lanes } from './coalesce.ts'
import { type Later, readEntries, readPlain, readTogether, writeEntries, writeTogether } from './entries.ts'
import { isRefusal } from './errors.ts'
import { type GroupRead, readGroup, readGroupsTogether } from './groups.ts'
import { type Change, change, changeTogether, type Verb } from './items.ts'
import type { Session } from './session.ts'

const MOST_READS = 500
const MOST_WRITES = 200

/** What a member that is read counts for in a batch, in bytes. */
const MEMBER_WEIGHT = 1024

export const wayOf = ({ touch, sliding }: ReadOptions) => (touch ? (sliding ? 'slide' : 'touch') : 'peek')

/** The ways to read that several callers share. */
const eachWay = <T>(open: (options: ReadOptions) => T) => ({
  slide: open({ touch: true, sliding: true, detail: false }),
  touch: open({ touch: true, sliding: false, detail: false }),
  peek: open({ touch: false, sliding: false, detail: false }),
})

export const sharedReads = (session: Session, later: Later) =>
  eachWay(
    (options) =>
      new Lanes<string, readonly (Found | undefined)[]>((namespace) => ({
        one: options.sliding
          ? (key) => readEntries(session, namespace, [key], options, later)
          : (key) => readPlain(session, namespace, key, options, later).then((found) => [found]),
        run: (asked) => readTogether(session, namespace, asked, options, later),
        divisible: isRefusal,
        exclusive: false,
        most: MOST_READS,
      })),
  )

/** Of named members: how many a group has, nobody knows before, and so whole groups are read by themselves. */
export const sharedGroupReads = (session: Session, later: Later) =>
  eachWay(
    (options) =>
      new Lanes<GroupRead, FoundGroup | undefined>((namespace) => ({
        one: ({ id, members }) => readGroup(session, namespace, id, members, options, later),
        run: (asked) => readGroupsTogether(session, namespace, asked, options, later),
        divisible: isRefusal,
        exclusive: false,
        most: MOST_READS,
        weigh: ({ members }) => members.length * MEMBER_WEIGHT,
      })),
  )

export const sharedWrites = (session: Session) =>
  new Lanes<Write, readonly boolean[]>((namespace) => ({
    one: (write) => writeEntries(session, namespace, [write]),
    run: async (asked) =>
      (await writeTogether(session, namespace, asked)).map((stored) =>
        typeof stored === 'boolean' ? [stored] : stored.then((each) => [each]),
      ),
    divisible: isRefusal,
    exclusive: true,
    most: MOST_WRITES,
    weigh: ({ payload }) => payload.length,
  }))

export function sharedChanges(session: Session) {
  const lanes = (verb: Verb, space: Space) =>
    new Lanes<Change, readonly boolean[]>((namespace) => ({
      one: ({ key, span }) => change(session, verb, space, namespace, [key], span),
      run: (asked) => changeTogether(session, verb, space, namespace, asked),
      divisible: isRefusal,
      // The second touch of a key finds what the first has left, in one statement as well.
      exclusive: verb !== 'touch',
      most: MOST_WRITES,
    }))
  const of = (space: Space) => ({
    delete: lanes('delete', space),
    touch: lanes('touch', space),
    expire: lanes('expire', space),
  })
  return { entry: of('entry'), group: of('group') }
}
