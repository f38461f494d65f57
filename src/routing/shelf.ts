import type { AgentState } from './agent-state.ts'

/** An agent who knows where they stand in their group. Changed by the group and by nobody else. */
export interface Shelved extends AgentState {
  /** Their row in the {@link Floor}. */
  readonly number: number
  /** The shelf they stand on; `undefined` while they take nothing. */
  shelf: Shelf | undefined
}

/** Agents who are alike and hold the same load, by number: a heap, whoever has waited longest first, then by id. */
export interface Shelf {
  readonly load: number
  /** The load as a share of capacity in the parts of `packed.ts`. */
  readonly parts: number
  /** How many stand on it: a field of its own, so that a look at an empty shelf is no look at a list. */
  size: number
  readonly agents: number[]
}

/** What shelves are sorted by, a row for each agent: columns of numbers, so that sorting a few of very many agents reads little memory. */
export interface Floor {
  readonly agents: Shelved[]
  /** Since when the agent is idle. */
  idleSince: Float64Array
  /** Where on the shelf. */
  place: Int32Array
}

export function createFloor(): Floor {
  return { agents: [], idleSince: new Float64Array(16), place: new Int32Array(16) }
}

/** Makes room for one more agent. */
export function growFloor(floor: Floor, number: number): void {
  const size = floor.place.length
  if (number < size) return
  const { idleSince, place } = floor
  floor.idleSince = new Float64Array(2 * size)
  floor.idleSince.set(idleSince)
  floor.place = new Int32Array(2 * size)
  floor.place.set(place)
}

export function putOnShelf(floor: Floor, shelf: Shelf, agent: Shelved): void {
  agent.shelf = shelf
  shelf.size += 1
  rise(floor, shelf.agents, shelf.agents.push(agent.number) - 1)
}

export function takeOffShelf(floor: Floor, agent: Shelved): void {
  const { shelf, number } = agent
  if (shelf === undefined) return
  agent.shelf = undefined
  shelf.size -= 1
  const { agents } = shelf
  const moved = agents.pop()
  if (moved === undefined || moved === number) return
  const place = floor.place[number] ?? 0
  agents[place] = moved
  if (!rise(floor, agents, place)) sink(floor, agents, place)
}

/** How the second on the shelf stands to the first: by idle time, by the id alone, or there is none. */
export function secondOn({ agents, size }: Shelf, { idleSince }: Floor): 'later' | 'equal' | undefined {
  if (size < 2) return undefined
  const least = idleSince[agents[0] as number] // within the heap, as below
  if (idleSince[agents[1] as number] === least) return 'equal'
  return size > 2 && idleSince[agents[2] as number] === least ? 'equal' : 'later'
}

/** Does the agent of the one number come before the agent of the other? */
export function comesBefore({ agents, idleSince }: Floor, one: number, other: number): boolean {
  const difference = (idleSince[one] as number) - (idleSince[other] as number) // every number has a row
  return difference === 0 ? (agents[one]?.id ?? '') < (agents[other]?.id ?? '') : difference < 0
}

/** `false` when nobody above comes later. */
function rise(floor: Floor, agents: number[], from: number): boolean {
  const { place } = floor
  const number = agents[from] as number
  let at = from
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = agents[parent] as number
    if (!comesBefore(floor, number, above)) break
    agents[at] = above
    place[above] = at
    at = parent
  }
  agents[at] = number
  place[number] = at
  return at < from
}

function sink(floor: Floor, agents: number[], from: number): void {
  const { place } = floor
  const number = agents[from] as number
  const { length } = agents
  let at = from
  for (let child = 2 * at + 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && comesBefore(floor, agents[child + 1] as number, agents[child] as number)) child += 1
    const below = agents[child] as number
    if (comesBefore(floor, number, below)) break
    agents[at] = below
    place[below] = at
    at = child
  }
  agents[at] = number
  place[number] = at
}
