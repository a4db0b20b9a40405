export { BACKENDS, type BackendName, START } from './names.ts'
export { onEachBackend, onRealRedis, type Scene, type SceneOptions } from './scenes.ts'
