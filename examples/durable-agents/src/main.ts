#!/usr/bin/env node
import { memory } from '@ttl/core/memory'
import { manualClock } from '@ttl/core/testing'
import { tell } from './story.ts'

const clock = manualClock('2026-01-01T00:00:00Z')
for await (const text of tell(memory({ clock }), clock)) process.stdout.write(text)
