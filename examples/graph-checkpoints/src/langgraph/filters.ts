/** Filters of a search: a field equals a value, or stands in a relation to it. */
type Relation = (field: unknown, value: unknown) => boolean

const RELATIONS: Readonly<Record<string, Relation>> = {
  $eq: (field, value) => field === value,
  $ne: (field, value) => field !== value,
  $gt: (field, value) => Number(field) > Number(value),
  $gte: (field, value) => Number(field) >= Number(value),
  $lt: (field, value) => Number(field) < Number(value),
  $lte: (field, value) => Number(field) <= Number(value),
  $in: (field, value) => Array.isArray(value) && value.includes(field),
  $nin: (field, value) => !Array.isArray(value) || !value.includes(field),
}

export function satisfies(
  value: Readonly<Record<string, unknown>>,
  filter: Readonly<Record<string, unknown>> = {},
): boolean {
  return Object.entries(filter).every(([name, condition]) => holds(value[name], condition))
}

function holds(field: unknown, condition: unknown): boolean {
  const relations = typeof condition === 'object' && condition !== null ? Object.entries(condition) : []
  if (relations.length === 0 || !relations.every(([name]) => Object.hasOwn(RELATIONS, name))) return field === condition
  return relations.every(([name, value]) => RELATIONS[name]?.(field, value))
}
