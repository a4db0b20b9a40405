// Preloaded into a process: its clock stands still, so that what it prints can be compared.
const at = Date.parse(process.env.TTL_TEST_NOW)
Date.now = () => at
