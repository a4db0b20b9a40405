/** How long importing a package takes in a process that has imported nothing yet. */
import { given } from './child.ts'

const [module] = given<[string]>()
const begun = performance.now()
await import(module)
console.log(performance.now() - begun)
