/** The columns of docs/seed-systems.md, and the names under which tests are grouped. */
export const BACKENDS = ['memory', 'SQLite', 'PostgreSQL', 'Redis'] as const
export type BackendName = (typeof BACKENDS)[number]

/** When every scene begins. Far ahead, so that nothing expires by the own clock of a server that is told another time. */
export const START = '2100-01-01T00:00:00Z'
