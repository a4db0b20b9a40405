import {
  Annotation,
  Command,
  END,
  interrupt,
  type LangGraphRunnableConfig,
  START,
  StateGraph,
} from '@langchain/langgraph'
import type { BaseCheckpointSaver, BaseStore } from '@langchain/langgraph-checkpoint'

/** What a thread remembers. */
const Memory = Annotation.Root({
  customer: Annotation<string>,
  asked: Annotation<string[]>({ reducer: (before, more) => before.concat(more), default: () => [] }),
  decision: Annotation<string>,
  said: Annotation<string>,
})

type Remembered = typeof Memory.State

/** A support desk without a model: it knows its customers, and asks a person before it gives money back. */
export function supportDesk(checkpointer: BaseCheckpointSaver, store: BaseStore) {
  return new StateGraph(Memory)
    .addNode('listen', listen)
    .addNode('approve', approve)
    .addNode('answer', answer)
    .addEdge(START, 'listen')
    .addConditionalEdges('listen', (state) => (refundOf(state) === undefined ? 'answer' : 'approve'))
    .addEdge('approve', 'answer')
    .addEdge('answer', END)
    .compile({ checkpointer, store })
}

export type SupportDesk = ReturnType<typeof supportDesk>

/** Either an answer, or a question that a person has to decide. */
export interface Reply {
  readonly text: string
  readonly waits: boolean
}

/** A message to the desk. */
export async function say(desk: SupportDesk, threadId: string, customer: string, message: string): Promise<Reply> {
  return replyOf(await desk.invoke({ customer, asked: [message] }, at(threadId)))
}

/** What the desk says when a person has decided; `undefined` when nothing waits for it. */
export async function decide(desk: SupportDesk, threadId: string, decision: string): Promise<Reply | undefined> {
  const { next } = await desk.getState(at(threadId))
  return next.length === 0 ? undefined : replyOf(await desk.invoke(new Command({ resume: decision }), at(threadId)))
}

/** How many messages somebody sees who looks at a thread. */
export async function look(desk: SupportDesk, threadId: string): Promise<number> {
  const { values } = await desk.getState(at(threadId))
  return (values as Partial<Remembered>).asked?.length ?? 0
}

const at = (threadId: string) => ({ configurable: { thread_id: threadId } })

async function listen({ customer, asked }: Remembered, { store }: LangGraphRunnableConfig) {
  // How long each lives is for the rules of the store to say: a draft for minutes, a customer for a month.
  await store?.put(['customers', customer, 'drafts'], 'reply', { to: asked.at(-1) ?? '' })
  return {}
}

function approve(state: Remembered) {
  return { decision: String(interrupt(`Give ${refundOf(state)} back to ${state.customer}?`)) }
}

async function answer(state: Remembered, { store }: LangGraphRunnableConfig) {
  const { customer, asked } = state
  const known = await store?.get(['customers'], customer)
  const refund = refundOf(state)
  if (asked.length === 1) {
    await store?.put(['customers'], customer, { visits: Number(known?.value.visits ?? 0) + 1 })
  }
  if (refund !== undefined) {
    return {
      said: state.decision === 'yes' ? `${refund} are on their way, ${customer}.` : `Not this time, ${customer}.`,
    }
  }
  if (asked.length > 1) return { said: `You began with “${asked[0]}” I am still on it.` }
  return {
    said: known ? `Good to see you again, ${customer}. What was it about?` : `Welcome, ${customer}. I am on it.`,
  }
}

function refundOf({ asked }: Remembered): number | undefined {
  const [, amount] = /(\d+) back/.exec(asked.at(-1) ?? '') ?? []
  return amount === undefined ? undefined : Number(amount)
}

function replyOf(result: { said?: string; __interrupt__?: { value?: unknown }[] }): Reply {
  const [question] = result.__interrupt__ ?? []
  return question === undefined
    ? { text: result.said ?? '', waits: false }
    : { text: String(question.value), waits: true }
}
