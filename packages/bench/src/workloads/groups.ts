import type { Workload } from './workload.ts'

export const groups: readonly Workload[] = [
  {
    name: 'group-write',
    title: 'write 10 members of a group',
    part: 'groups',
    step: ({ groups }, data) => groups && ((index) => groups.write(data.group(index), data.membersOf(index))),
  },
  {
    name: 'group-read',
    title: 'read 10 members of a group',
    part: 'groups',
    step: ({ groups }, data) => groups && ((index) => groups.read(data.group(index), data.members)),
  },
  {
    name: 'group-touch',
    title: 'restart the time to live of 10 members',
    part: 'groups',
    step({ groups }, data) {
      return groups?.touch === undefined ? undefined : (index) => groups.touch?.(data.group(index), data.members)
    },
  },
]
