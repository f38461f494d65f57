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

export function putOnShelf(
  floor: Floor,
  shelf: Shelf,
  { agent, idleSince }: { agent: Shelved; idleSince: number },
): void {
  const { number } = agent
  agent.shelf = shelf
  floor.idleSince[number] = idleSince
  rise(floor, shelf.agents, { number, from: shelf.agents.length })
}

export function takeOffShelf(floor: Floor, agent: Shelved): void {
  const { shelf, number } = agent
  if (shelf === undefined) return
  agent.shelf = undefined
  const { agents } = shelf
  const moved = agents.pop()
  if (moved === undefined || moved === number) return
  const from = floor.place[number] ?? 0
  const parent = agents[(from - 1) >> 1]
  if (from > 0 && parent !== undefined && comesBefore(floor, moved, parent))
    rise(floor, agents, { number: moved, from })
  else sink(floor, agents, { number: moved, from })
}

/** How the second on the shelf stands to the first: by idle time, by the id alone, or there is none. */
export function secondOn({ agents }: Shelf, { idleSince }: Floor): 'later' | 'equal' | undefined {
  const [first, second, third] = [agents[0], agents[1], agents[2]]
  if (first === undefined || second === undefined) return undefined
  const least = idleSince[first]
  return idleSince[second] === least || (third !== undefined && idleSince[third] === least) ? 'equal' : 'later'
}

/** Does the agent of the one number come before the agent of the other? */
export function comesBefore({ agents, idleSince }: Floor, one: number, other: number): boolean {
  const [own, its] = [idleSince[one] as number, idleSince[other] as number] // every number has a row
  return own === its ? (agents[one]?.id ?? '') < (agents[other]?.id ?? '') : own < its
}

interface Move {
  readonly number: number
  readonly from: number
}

function rise(floor: Floor, agents: number[], { number, from }: Move): void {
  const { place } = floor
  let at = from
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = agents[parent] as number // within the heap, as below
    if (!comesBefore(floor, number, above)) break
    agents[at] = above
    place[above] = at
    at = parent
  }
  agents[at] = number
  place[number] = at
}

function sink(floor: Floor, agents: number[], { number, from }: Move): void {
  const { place } = floor
  let at = from
  for (let child = 2 * at + 1; child < agents.length; child = 2 * at + 1) {
    if (child + 1 < agents.length && comesBefore(floor, agents[child + 1] as number, agents[child] as number))
      child += 1
    const below = agents[child] as number
    if (comesBefore(floor, number, below)) break
    agents[at] = below
    place[below] = at
    at = child
  }
  agents[at] = number
  place[number] = at
}
