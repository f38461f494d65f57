import type { AgentState } from './agent-state.ts'

/** An agent who knows where they stand in their group. Changed by the group and by nobody else. */
export interface Shelved extends AgentState {
  /** The shelf they stand on; `undefined` while they take nothing. */
  shelf: Shelf | undefined
  /** Where on the shelf. */
  place: number
}

/** Agents who are alike and hold the same load: a heap, whoever has waited longest first, then by id. Keys are kept beside the agents. */
export interface Shelf {
  readonly load: number
  readonly agents: Shelved[]
  readonly keys: number[]
}

export function putOnShelf(shelf: Shelf, agent: Shelved, key: number): void {
  agent.shelf = shelf
  rise(shelf, shelf.agents.length, { agent, key })
}

export function takeOffShelf(agent: Shelved): void {
  const { shelf, place } = agent
  if (shelf === undefined) return
  agent.shelf = undefined
  const moved = shelf.agents.pop()
  const key = shelf.keys.pop() ?? 0
  if (moved === undefined || moved === agent) return
  const parent = (place - 1) >> 1
  const rises = place > 0 && isBefore(shelf, { agent: moved, key }, parent)
  if (rises) rise(shelf, place, { agent: moved, key })
  else sink(shelf, place, { agent: moved, key })
}

/** How the second on the shelf stands to the first: by the key, by the id alone, or there is none. */
export function secondOn({ agents, keys }: Shelf): 'later' | 'equal' | undefined {
  if (agents.length < 2) return undefined
  return keys[1] === keys[0] || keys[2] === keys[0] ? 'equal' : 'later'
}

/** Does the agent at the one place come before the agent at the other? */
export function comesBefore(shelf: Shelf, place: number, other: number): boolean {
  const agent = shelf.agents[place]
  return agent !== undefined && isBefore(shelf, { agent, key: shelf.keys[place] ?? 0 }, other)
}

interface Entry {
  readonly agent: Shelved
  readonly key: number
}

function isBefore({ agents, keys }: Shelf, { agent, key }: Entry, place: number): boolean {
  const other = keys[place] ?? 0
  return key === other ? agent.id < (agents[place]?.id ?? '') : key < other
}

function put(shelf: Shelf, place: number, { agent, key }: Entry): void {
  shelf.agents[place] = agent
  shelf.keys[place] = key
  agent.place = place
}

function rise(shelf: Shelf, from: number, entry: Entry): void {
  let place = from
  while (place > 0) {
    const parent = (place - 1) >> 1
    const above = shelf.agents[parent]
    if (above === undefined || !isBefore(shelf, entry, parent)) break
    put(shelf, place, { agent: above, key: shelf.keys[parent] ?? 0 })
    place = parent
  }
  put(shelf, place, entry)
}

function sink(shelf: Shelf, from: number, entry: Entry): void {
  const { agents, keys } = shelf
  let place = from
  for (let child = 2 * place + 1; child < agents.length; child = 2 * place + 1) {
    const right = agents[child + 1]
    if (right !== undefined && isBefore(shelf, { agent: right, key: keys[child + 1] ?? 0 }, child)) child += 1
    const below = agents[child]
    if (below === undefined || isBefore(shelf, entry, child)) break
    put(shelf, place, { agent: below, key: keys[child] ?? 0 })
    place = child
  }
  put(shelf, place, entry)
}
