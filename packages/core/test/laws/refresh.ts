import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Timing } from '../../src/timing.ts'
import { living, moment, nearExpiry, nearSpan, T0 } from './arbitrary.ts'
import type { Kernel, Law } from './law.ts'

const MOVES = ['restart', 'touched', 'accessed'] as const
const end = (timing: Timing): number => timing.expiresAt ?? Number.POSITIVE_INFINITY
const ungated = <T extends { readonly expiry: { readonly refreshAfter: number } }>(draw: T): T => ({
  ...draw,
  expiry: { ...draw.expiry, refreshAfter: 0 },
})

/** A read or a touch as a backend makes it: on what is live. */
function use(kernel: Kernel, verb: 'touched' | 'accessed', timing: Timing, now: number): Timing {
  return kernel.isLive(timing, now) ? kernel[verb](timing, now) : timing
}

export const refreshLaws: readonly Law[] = [
  {
    id: 'refresh.never-shortens',
    title: 'no restart, touch or read lowers a deadline',
    why: 'Reading an entry that was given longer than its window must not cut it.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, fc.nat(30), (draw, back) => {
          const { timing, now } = living(kernel, draw)
          // A clock may be set back; a refresh still takes nothing away.
          for (const instant of [now, now - back]) {
            for (const move of MOVES) assert.ok(end(kernel[move](timing, instant)) >= end(timing), move)
          }
        }),
      ),
  },
  {
    id: 'refresh.idempotent',
    title: 'a second refresh at the same instant changes nothing',
    why: 'A resend, or two readers in one millisecond, gain nothing.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, (draw) => {
          const { timing, now } = living(kernel, draw)
          for (const move of MOVES) {
            const once = kernel[move](timing, now)
            assert.deepEqual(kernel[move](once, now), once, move)
          }
        }),
      ),
  },
  {
    id: 'refresh.renews',
    title: 'a touch of a live entry under write or access leaves it the whole window, up to its cap',
    why: 'Sliding means that use keeps it alive.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, (draw) => {
          const { timing, now } = living(kernel, draw)
          fc.pre(timing.ttlMs !== undefined && timing.restartOn !== 'create')
          const whole = Math.min(now + (timing.ttlMs as number), timing.capAt ?? Number.POSITIVE_INFINITY)
          assert.equal(kernel.touched(timing, now).expiresAt, Math.max(timing.expiresAt as number, whole))
        }),
      ),
  },
  {
    id: 'refresh.dead-stays-dead',
    title: 'what is expired at now is not live at any later instant, whatever reads and touches it meets',
    why: 'Resurrecting an expired session is a security hole.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, fc.nat(60), fc.constantFrom('touched', 'accessed'), (draw, late, verb) => {
          const { timing } = living(kernel, draw)
          fc.pre(timing.expiresAt !== undefined)
          const now = (timing.expiresAt as number) + late
          const after = use(kernel, verb, timing, now)
          assert.equal(kernel.isLive(after, now), false)
          assert.deepEqual(after, timing)
        }),
      ),
  },
  {
    id: 'refresh.dead-is-absent',
    title: 'a write on an expired, unswept entry is a write on nothing',
    why: 'Whether the sweeper has been here must not be observable.',
    holds: (kernel) =>
      fc.assert(
        fc.property(
          moment,
          nearExpiry,
          fc.nat(20),
          fc.constantFrom('replace' as const, 'keep' as const, 'restart' as const),
          (draw, expiry, late, onLive) => {
            const { timing } = living(kernel, draw)
            fc.pre(timing.expiresAt !== undefined)
            const now = (timing.expiresAt as number) + late
            const placement = { onLive, expiry, limitMs: undefined }
            assert.deepEqual(kernel.place(timing, placement, now), kernel.place(undefined, placement, now))
          },
        ),
      ),
  },
  {
    id: 'refresh.never-stays-never',
    title: 'an entry without a deadline gets none by being read or touched, not even with a window stored',
    why: 'A read that unpins is the GETEX bug.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, (draw) => {
          const { timing, now } = living(kernel, draw)
          const pinned = kernel.replaced(timing, { ttlMs: undefined, maxAgeMs: undefined, expiresAt: undefined }, now)
          const odd: Timing = { ...pinned, ttlMs: 5 }
          for (const move of MOVES) {
            assert.equal(kernel[move](pinned, now + 1).expiresAt, undefined, move)
            assert.equal(kernel[move](odd, now + 1).expiresAt, undefined, move)
          }
        }),
      ),
  },
  {
    id: 'refresh.own-window',
    title: 'a refresh uses the window stored with the entry, not the one of the write or reader that causes it',
    why: 'An item put for 5 minutes under a 60-minute default must not become 60 by being read or saved.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, nearExpiry, (draw, other) => {
          const { timing, now } = living(kernel, draw)
          const restarted = kernel.place(timing, { onLive: 'restart', expiry: other, limitMs: undefined }, now)
          assert.deepEqual(restarted, kernel.touched(timing, now))
          const kept = kernel.place(timing, { onLive: 'keep', expiry: other, limitMs: undefined }, now)
          assert.deepEqual(kept, timing)
        }),
      ),
  },
  {
    id: 'refresh.within-cap',
    title: 'no refresh reaches past the cap that is stored with the entry',
    why: 'Neither maxAge nor an absolute end moves with use.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, (draw) => {
          const { timing, now } = living(kernel, draw)
          fc.pre(timing.capAt !== undefined)
          for (const move of MOVES) assert.ok(end(kernel[move](timing, now)) <= (timing.capAt as number), move)
        }),
      ),
  },
  {
    id: 'refresh.moves-only-the-deadline',
    title: 'birth, window, cap, mode and gate are the same after a refresh',
    why: 'What is refreshed a thousand times is still the entry that was written.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, (draw) => {
          const { timing, now } = living(kernel, draw)
          for (const move of MOVES) {
            assert.deepEqual({ ...kernel[move](timing, now), expiresAt: 0 }, { ...timing, expiresAt: 0 }, move)
          }
        }),
      ),
  },
  {
    id: 'refresh.create-keeps',
    title: 'under create neither touch nor read nor a restarting write moves the deadline',
    why: 'Fixed means fixed; expire is the word for a new deadline.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, nearExpiry, (draw, other) => {
          const { timing, now } = living(kernel, { ...draw, expiry: { ...draw.expiry, restartOn: 'create' } })
          assert.deepEqual(kernel.touched(timing, now), timing)
          assert.deepEqual(kernel.accessed(timing, now), timing)
          assert.deepEqual(kernel.place(timing, { onLive: 'restart', expiry: other, limitMs: undefined }, now), timing)
        }),
      ),
  },
  {
    id: 'refresh.reads-restart-only-under-access',
    title: 'a read moves nothing that was not written under access',
    why: 'The entry decides whether reads slide it.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, fc.constantFrom('create' as const, 'write' as const), (draw, on) => {
          const { timing, now } = living(kernel, { ...draw, expiry: { ...draw.expiry, restartOn: on } })
          assert.deepEqual(kernel.accessed(timing, now), timing)
        }),
      ),
  },
  {
    id: 'refresh.ungated-commutes',
    title: 'two reads, or a read and a touch, in whichever order they arrive, give the same deadline (no gate)',
    why: 'Concurrent readers need no coordination. A gated refresh does not commute and nobody promises it.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, fc.nat(5), fc.constantFrom('touched' as const, 'accessed' as const), (draw, gap, verb) => {
          const { timing, now } = living(kernel, ungated(draw))
          fc.pre(kernel.isLive(timing, now + gap))
          const inOrder = kernel[verb](kernel.accessed(timing, now), now + gap)
          const swapped = kernel.accessed(kernel[verb](timing, now + gap), now)
          assert.deepEqual(inOrder, swapped)
        }),
      ),
  },
  {
    id: 'refresh.unchanged-is-the-same',
    title: 'a refresh that gains nothing answers the timing itself',
    why: 'Backends write only when they must: a read at the cap costs no write.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, (draw) => {
          const { timing, now } = living(kernel, draw)
          for (const move of MOVES) {
            const after = kernel[move](timing, now)
            assert.ok(after === timing || end(after) > end(timing), move)
          }
        }),
      ),
  },
  {
    id: 'refresh.expire-may-shorten',
    title: 'expire replaces deadline, window and cap by its own, keeps birth, mode and gate',
    why: 'It is the one verb that can end something sooner, and the one that unpins.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, nearSpan, (draw, span) => {
          const { timing, now } = living(kernel, draw)
          const { restartOn, refreshAfter } = timing
          const after = kernel.replaced(timing, span, now)
          const begun = kernel.begin({ ...span, restartOn, refreshAfter }, now, timing.bornAt)
          assert.deepEqual({ ...after, bornAt: 0 }, { ...begun, bornAt: 0 })
          if (span.ttlMs === 1) assert.ok(end(after) <= now + 1)
          if (timing.bornAt !== undefined) assert.equal(after.bornAt, timing.bornAt)
          assert.equal(after.restartOn, restartOn)
        }),
      ),
  },
  {
    id: 'refresh.set-replaces',
    title: 'a plain set takes nothing from the live entry but its birth, and that only for a cap of its own',
    why: 'What every key-value user expects; and a set may shorten.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, nearExpiry, (draw, expiry) => {
          const { timing, now } = living(kernel, draw)
          const after = kernel.place(timing, { onLive: 'replace', expiry, limitMs: undefined }, now)
          assert.deepEqual(after, kernel.begin(expiry, now, timing.bornAt))
        }),
      ),
  },
  {
    id: 'refresh.exact-moves-as-is',
    title: 'an exact placement stores the timing as it stands, on anything',
    why: 'A transfer between backends preserves deadline, birth, window and cap.',
    holds: (kernel) =>
      fc.assert(
        fc.property(moment, moment, fc.boolean(), (a, b, empty) => {
          const { timing } = living(kernel, a)
          const current = empty ? undefined : living(kernel, b).timing
          assert.deepEqual(kernel.place(current, { onLive: 'exact', timing }, T0), timing)
        }),
      ),
  },
]
