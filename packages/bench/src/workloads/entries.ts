import { fillEntries } from '../fill.ts'
import type { Workload } from './workload.ts'

/** What is deleted is written again before the next round, which takes longer than to delete it. */
const MOST_DELETED = 30_000

export const entries: readonly Workload[] = [
  {
    name: 'set',
    title: 'overwrite a value',
    part: 'entries',
    step:
      ({ entries }, data) =>
      (index) =>
        entries.set(data.key(index), data.value(index)),
  },
  {
    name: 'get',
    title: 'read a live value',
    part: 'entries',
    step:
      ({ entries }, data) =>
      (index) =>
        entries.get(data.key(index)),
  },
  {
    name: 'get-miss',
    title: 'ask for what is not there',
    part: 'entries',
    step({ entries }, data) {
      const absent = data.keys.slice(0, 4_096).map((key) => `absent-${key}`)
      return (index) => entries.get(absent[index % absent.length] as string)
    },
  },
  {
    name: 'sliding-get',
    title: 'read a value and restart its time to live',
    part: 'sliding',
    step: ({ sliding }, data) => sliding && ((index) => sliding.get(data.key(index))),
  },
  {
    name: 'mix',
    title: '90 % get, 10 % set',
    part: 'entries',
    step:
      ({ entries }, data) =>
      (index) =>
        index % 10 === 9 ? entries.set(data.key(index), data.value(index)) : entries.get(data.key(index)),
  },
  {
    name: 'getMany',
    title: 'read 100 values at once',
    part: 'entries',
    step: ({ entries }, data) =>
      entries.getMany === undefined ? undefined : (index) => entries.getMany?.(data.list(index)),
  },
  {
    name: 'setMany',
    title: 'write 100 values at once',
    part: 'entries',
    step: ({ entries }, data) =>
      entries.setMany === undefined
        ? undefined
        : (index) =>
            entries.setMany?.(data.list(index).map((key, offset) => [key, data.value(index + offset)] as const)),
  },
  {
    name: 'touch',
    title: 'restart a time to live',
    part: 'entries',
    step: ({ entries }, data) =>
      entries.touch === undefined ? undefined : (index) => entries.touch?.(data.key(index)),
  },
  {
    name: 'delete',
    title: 'delete a live value',
    part: 'entries',
    limit: ({ keys }) => Math.min(MOST_DELETED, keys.length),
    prepare: ({ entries }, data) => fillEntries(entries, data, MOST_DELETED),
    step:
      ({ entries }, data) =>
      (index) =>
        entries.delete(data.keys[index] as string),
  },
]
