export { BACKENDS, type BackendName, START } from './names.ts'
export { inRealTime, onEachBackend, onRealRedis, type RealScene, type Scene, type SceneOptions } from './scenes.ts'
