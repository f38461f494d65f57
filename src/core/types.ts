/** What people write: milliseconds, or a number with a unit. What the library writes ends in `Ms` or `At`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
export type Awaitable<Value> = Value | Promise<Value>

/** Who wrote a message. */
export type Author = 'customer' | 'bot' | 'agent' | 'system'
/** Where a conversation stands. */
export type Phase = 'greeting' | 'helping' | 'waiting' | 'live' | 'async' | 'closing' | 'closed'
/** How a conversation ended: exactly one of these. */
export type Outcome = 'deflected' | 'resolved' | 'unresolved' | 'abandoned' | 'messageLeft' | 'blocked'
/** What an agent declares. `draining`: finishes what is open, takes nothing new. */
export type Presence = 'online' | 'away' | 'draining' | 'offline'
/** Where plugins may put their steps. */
export type Slot = 'preChat' | 'helping' | 'beforeQueue' | 'closing'

/** The person asking for help. `attributes` are shown to the agent and read by plugins. */
export interface Customer {
  readonly id: string
  readonly name?: string
  readonly email?: string
  readonly language?: string
  readonly attributes?: Readonly<Record<string, Json>>
}

/** A button under a message. */
export interface Choice {
  readonly id: string
  readonly label: string
}

/** One entry of the knowledge base. `skills`: whom to ask when it does not help. */
export interface Article {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly url?: string
  readonly questions?: readonly string[]
  readonly skills?: readonly string[]
}

/** An article the bot may offer. `confidence` is between 0 and 1; `matched` are the customer's words that led to it. */
export interface Suggestion {
  readonly article: Article
  readonly confidence: number
  readonly matched: readonly string[]
}

export interface Attachment {
  readonly url: string
  readonly name: string
}

/** One utterance. `seq` counts from 1 without gaps within its conversation; `at` is epoch ms. */
export interface Message {
  readonly id: string
  readonly seq: number
  readonly at: number
  readonly author: Author
  readonly agentId?: string
  readonly text: string
  readonly choices?: readonly Choice[]
  readonly suggestions?: readonly Suggestion[]
  readonly attachments?: readonly Attachment[]
  /** What a transport or channel attached; at most 16 KiB, eight levels deep. */
  readonly metadata?: Readonly<Record<string, Json>>
  /** Notes and whispers: never sent to the customer. */
  readonly internal?: true
}

/** How long a wait will be: half of all waits are below `p50Ms`, nine in ten below `p90Ms`. */
export interface Forecast {
  readonly p50Ms: number
  readonly p90Ms: number
  readonly sampleCount: number
}

/** What a conversation needs. The default policy orders by waiting time / target: a shorter target goes first. */
export interface Requirements {
  readonly skills: readonly string[]
  readonly preferredSkills?: readonly string[]
  /** How soon this kind of conversation should be answered. */
  readonly target?: Duration
  /** The first ordering key of the strict-priority policy only: higher goes first. */
  readonly priority?: number
  /** Units one conversation takes of an agent's capacity; 1 unless said. */
  readonly weight?: number
  readonly preferredAgentId?: string
  readonly excludedAgentIds?: readonly string[]
}

/** A human who answers. */
export interface Agent<Skill extends string = string> {
  /** Yours; what `engine.agent(id)` and `auth` call them. */
  readonly id: string
  /** As customers see it; the id unless said. */
  readonly name?: string
  /** For `admission.teamHours`. */
  readonly team?: string
  /** A list means proficiency 5 in each. */
  readonly skills?: readonly Skill[] | { readonly [Name in Skill]?: 1 | 2 | 3 | 4 | 5 }
  /** Units of work at once; 3 unless said. */
  readonly capacity?: number
  /** Offers are accepted at once, without the agent's word. */
  readonly autoAccept?: boolean
}

/** Who arrives, from where. `moment`: 'checkout', 'onboarding', ... */
export interface Visit {
  readonly customer?: Customer
  readonly page?: string
  readonly moment?: string
}

export interface QueuePlace {
  /** 1 is next; two numbers are the best and the worst case where the order may still change. */
  readonly position: number | readonly [best: number, worst: number]
  readonly wait: Forecast | 'unknown'
}

/** A conversation as data, at one revision. */
export interface ConversationView {
  readonly id: string
  readonly revision: number
  readonly phase: Phase
  /** The phase and where in it: `helping.suggesting`, `closing.rating`. */
  readonly path: string
  readonly customer: Customer
  readonly channel: string
  readonly openedAt: number
  readonly transcript: readonly Message[]
  /** Where the customer was before and while asking. */
  readonly pages: readonly { readonly url: string; readonly at: number }[]
  readonly agentId?: string
  /** Agents who take part beside the one who owns it. */
  readonly guests?: readonly string[]
  readonly requirements?: Requirements
  readonly queue?: QueuePlace
  readonly outcome?: Outcome
  readonly reason?: string
  readonly rating?: number
  readonly disposition?: string
  readonly previousId?: string
}

/** An agent who could be offered a conversation, as policies and `route:score` see them. */
export interface Candidate {
  readonly agent: Agent
  /** Units held now, as a share of capacity. */
  readonly load: number
  readonly idleMs: number
  /** 1 to 5: the lowest over the required skills. */
  readonly proficiency: number
}

/** Whether live chat is open to a visit, and if not, why. `opensAt` is epoch ms, known for `hours` only. */
export type Availability =
  | { readonly open: true; readonly wait: Forecast | 'unknown' }
  | {
      readonly open: false
      readonly reason: 'hours' | 'nobodyOnline' | 'queueFull' | 'waitTooLong' | 'audience'
      readonly opensAt?: number
    }
