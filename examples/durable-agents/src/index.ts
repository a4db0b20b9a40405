export type { Agent, HostOptions, Idle, Session, Turn } from './config.ts'
export { type Adopted, AgentHost, type Answer, type Receipt } from './host.ts'
export { type LogEvent, SAYS } from './log.ts'
